// Addresses as the `bind` setting writes them (pure: nothing is looked up).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/base/result.h"

namespace tollgate {

// One of "HOST:PORT", "[V6]:PORT", ":PORT" (all IPv4 addresses), "unix:PATH", "fd://N",
// "fd://NAME" (a socket that systemd passes, by its FileDescriptorName).
struct Address {
  enum class Kind { Tcp4, Tcp6, Unix, Fd } kind = Kind::Tcp4;
  std::string host;   // numeric, for Tcp4 and Tcp6; "localhost" is read as 127.0.0.1
  uint16_t port = 0;  // 0: the kernel chooses
  std::string path;   // for Unix; "@name" is Linux's abstract name space
  int fd = -1;        // for Fd; -1: it has a name instead
  std::string name;   // for Fd

  bool operator==(const Address&) const = default;
};

Result<Address> parse_address(std::string_view text);

// "127.0.0.1:8000", "[::1]:8000", "unix:/run/x.sock", "fd://3", "fd://web".
std::string to_string(const Address& address);

}  // namespace tollgate
