// IP addresses and networks as values (pure: nothing is looked up).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/base/result.h"

namespace tollgate {

// IPv4 is kept as IPv6 maps it (RFC 4291 2.5.5.2), so that one client has one address on whatever
// socket it came: "::ffff:192.0.2.1" is "192.0.2.1".
struct IpAddress {
  std::array<uint8_t, 16> bytes = {};

  bool is_v4() const;
  bool operator==(const IpAddress&) const = default;
};

// What inet_pton(3) takes: no port, no brackets, no zone, no leading zeros.
Result<IpAddress> parse_ip(std::string_view text);

// In its one canonical form (RFC 5952).
std::string to_string(const IpAddress& address);

// Who counts as one client: "192.0.2.1", and of IPv6 the network of 64 bits, "2001:db8:0:1::/64",
// since that is the least that a client is given (RFC 6177). What is no address stays as it is.
std::string client_of(std::string_view address);

struct IpNetwork {
  IpAddress base;
  unsigned bits = 128;  // of the 16 bytes

  // An IPv6 network holds no IPv4 address, not even ::/0.
  bool contains(const IpAddress& address) const;
};

// "192.0.2.0/24", "2001:db8::/32", or an address, which is a network of one. Bits behind the
// prefix must be 0: "10.0.0.1/8" is rather a mistake than a network.
Result<IpNetwork> parse_network(std::string_view text);

}  // namespace tollgate
