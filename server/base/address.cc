// SPDX-License-Identifier: Apache-2.0
#include "server/base/address.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <climits>

#include "server/base/text.h"

namespace tollgate {
namespace {

tl::unexpected<Error> bad(std::string_view text, std::string_view why) {
  return fail(Errc::InvalidArgument,
              "\"" + std::string(text) + "\" is not an address (" + std::string(why) +
                  "); write HOST:PORT, [V6]:PORT, unix:PATH, fd://N or fd://NAME");
}

bool is_numeric(int family, const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(family, host.c_str(), bytes) == 1;
}

Result<Address> parse_unix(std::string_view text, std::string_view path) {
  if (path.empty()) return bad(text, "the path is empty");
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return bad(text, "the path is longer than 107 bytes");
  return Address{.kind = Address::Kind::Unix, .path = std::string(path)};
}

// systemd.socket(5), FileDescriptorName=: up to 255 characters, no controls and no colon. Ours
// are narrower by the space and the comma, which a list of settings cannot hold.
bool is_name(std::string_view text) {
  const auto fits = [](char c) { return c > ' ' && c < 0x7f && c != ':' && c != ','; };
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, fits);
}

Result<Address> parse_fd(std::string_view text, std::string_view which) {
  if (which.empty()) return bad(text, "the descriptor is missing");
  if (const bool number = std::ranges::all_of(which, is_digit); !number) {
    if (!is_name(which)) return bad(text, "a name has no spaces, commas, colons or controls");
    return Address{.kind = Address::Kind::Fd, .name = std::string(which)};
  }
  const auto fd = parse_uint(which, INT_MAX);
  if (!fd) return bad(text, "there is no such descriptor");
  return Address{.kind = Address::Kind::Fd, .fd = static_cast<int>(*fd)};
}

Result<Address> parse_tcp(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad(text, "the port is missing");
  const auto port = parse_uint(text.substr(colon + 1), UINT16_MAX);
  if (!port) return bad(text, "the port is not a number up to 65535");
  std::string host(text.substr(0, colon));
  if (host.empty() || host == "*") host = "0.0.0.0";
  if (host == "localhost") host = "127.0.0.1";
  auto kind = Address::Kind::Tcp4;
  if (host.front() == '[' && host.back() == ']') {
    kind = Address::Kind::Tcp6;
    host = host.substr(1, host.size() - 2);
  }
  const bool v6 = kind == Address::Kind::Tcp6;
  if (!is_numeric(v6 ? AF_INET6 : AF_INET, host))
    return bad(text, v6 ? "not an IPv6 address" : "the host is not a numeric IPv4 address");
  return Address{.kind = kind, .host = host, .port = static_cast<uint16_t>(*port)};
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  if (text.starts_with("unix:")) {
    std::string_view path = text.substr(5);
    if (path.starts_with("//")) path.remove_prefix(2);  // unix:///run/x.sock, as Gunicorn takes it
    return parse_unix(text, path);
  }
  if (text.starts_with("fd://")) return parse_fd(text, text.substr(5));
  return parse_tcp(text);
}

std::string to_string(const Address& address) {
  switch (address.kind) {
    case Address::Kind::Tcp4:
      return address.host + ":" + std::to_string(address.port);
    case Address::Kind::Tcp6:
      return "[" + address.host + "]:" + std::to_string(address.port);
    case Address::Kind::Unix:
      return "unix:" + address.path;
    case Address::Kind::Fd:
      return "fd://" + (address.name.empty() ? std::to_string(address.fd) : address.name);
  }
  return {};
}

}  // namespace tollgate
