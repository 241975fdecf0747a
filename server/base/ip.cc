// SPDX-License-Identifier: Apache-2.0
#include "server/base/ip.h"

#include <arpa/inet.h>

#include <algorithm>

#include "server/base/text.h"

namespace tollgate {
namespace {

constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kMappedBits = 96;

// Whether the first `bits` of both are the same.
bool same_prefix(const IpAddress& a, const IpAddress& b, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (!std::equal(a.bytes.begin(), a.bytes.begin() + whole, b.bytes.begin())) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || (a.bytes[whole] ^ b.bytes[whole]) >> (8 - rest) == 0;
}

IpAddress masked(IpAddress address, unsigned bits) {
  for (unsigned i = 0; i < 128; ++i)
    if (i >= bits) address.bytes[i / 8] &= static_cast<uint8_t>(~(0x80U >> (i % 8)));
  return address;
}

}  // namespace

bool IpAddress::is_v4() const { return std::equal(kMapped.begin(), kMapped.end(), bytes.begin()); }

Result<IpAddress> parse_ip(std::string_view text) {
  IpAddress address;
  const std::string terminated(text);
  // A NUL would end the text for inet_pton, and hide what is behind it.
  if (text.find('\0') == std::string_view::npos && text.size() < INET6_ADDRSTRLEN) {
    if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) return address;
    std::ranges::copy(kMapped, address.bytes.begin());
    if (inet_pton(AF_INET, terminated.c_str(), address.bytes.data() + kMapped.size()) == 1)
      return address;
  }
  return fail(Errc::InvalidArgument, '"' + terminated + "\" is not an IP address");
}

std::string to_string(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.is_v4())
    inet_ntop(AF_INET, address.bytes.data() + kMapped.size(), text.data(), text.size());
  else
    inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size());
  return text.data();
}

std::string client_of(std::string_view address) {
  auto ip = parse_ip(address);
  if (!ip) return std::string(address);
  if (ip->is_v4()) return to_string(*ip);
  std::fill(ip->bytes.begin() + 8, ip->bytes.end(), uint8_t{0});
  return to_string(*ip) + "/64";
}

bool IpNetwork::contains(const IpAddress& address) const {
  return base.is_v4() == address.is_v4() && same_prefix(base, address, bits);
}

Result<IpNetwork> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  TOLLGATE_TRY(base, parse_ip(text.substr(0, slash)));
  IpNetwork network{.base = base};
  if (slash == std::string_view::npos) return network;
  const unsigned outside =
      text.substr(0, slash).find(':') == std::string_view::npos ? kMappedBits : 0;
  const auto bits = parse_uint(text.substr(slash + 1), 128 - outside);
  if (!bits) return fail(Errc::InvalidArgument, '"' + std::string(text) + "\" is not a network");
  network.bits = outside + static_cast<unsigned>(*bits);
  if (masked(base, network.bits) != base)
    return fail(Errc::InvalidArgument,
                '"' + std::string(text) + "\" has bits behind its prefix; the network is " +
                    to_string(masked(base, network.bits)) + std::string(text.substr(slash)));
  return network;
}

}  // namespace tollgate
