// SPDX-License-Identifier: Apache-2.0
#include "server/worker/client_connections.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>
#include <string>

namespace tollgate::worker {
namespace {

// Not the number of any IPv6 network of 64 bits that a client may be in (RFC 4291 2.4).
constexpr uint64_t ipv4(uint32_t address) { return uint64_t{1} << 32 | address; }

uint64_t first_bits(const in6_addr& address) {
  uint64_t network = 0;
  for (int i = 0; i < 8; ++i) network = network << 8 | address.s6_addr[i];
  return network;
}

}  // namespace

std::optional<uint64_t> client_of(std::string_view remote_address) {
  const std::string text(remote_address);
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return ipv4(v4.s_addr);
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return std::nullopt;
  // A socket for both families has IPv4 clients as ::ffff:192.0.2.1.
  if (!IN6_IS_ADDR_V4MAPPED(&v6)) return first_bits(v6);
  std::memcpy(&v4, &v6.s6_addr[12], sizeof v4);
  return ipv4(v4.s_addr);
}

ClientConnections::Admission ClientConnections::begin(std::string_view remote_address) {
  if (limit_ == 0) return Admission::Welcome;
  const auto client = client_of(remote_address);
  if (!client) return Admission::Welcome;
  uint32_t& count = counts_[*client];
  if (count >= uint64_t{2} * limit_) return Admission::Drop;
  return ++count > limit_ ? Admission::Refuse : Admission::Welcome;
}

void ClientConnections::end(std::string_view remote_address) {
  if (limit_ == 0) return;
  const auto client = client_of(remote_address);
  if (!client) return;
  const auto found = counts_.find(*client);
  if (found != counts_.end() && --found->second == 0) counts_.erase(found);
}

}  // namespace tollgate::worker
