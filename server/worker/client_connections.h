// How many connections each client address has in this worker, and whether it may have one more.
// An address is an IPv4 address, an IPv6 network of 64 bits (what one client is given: RFC 6177),
// or none: on a Unix socket nobody is counted. Pure. Loop thread only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace tollgate::worker {

// Equal for addresses that count as one client; nothing: that is no address.
std::optional<uint64_t> client_of(std::string_view remote_address);

class ClientConnections {
 public:
  // Of one client at most; 0: no limit.
  explicit ClientConnections(uint32_t limit) : limit_(limit) {}

  // Refuse: to be told so and closed. While that goes on it counts, and once as many are being
  // refused as are welcome, the client is not even told: Drop, which does not count.
  enum class Admission : uint8_t { Welcome, Refuse, Drop };
  Admission begin(std::string_view remote_address);
  // One that was not dropped has ended.
  void end(std::string_view remote_address);

 private:
  const uint32_t limit_;
  std::unordered_map<uint64_t, uint32_t> counts_;  // of those that have any
};

}  // namespace tollgate::worker
