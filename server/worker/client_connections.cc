// SPDX-License-Identifier: Apache-2.0
#include "server/worker/client_connections.h"

#include "server/base/ip.h"

namespace tollgate::worker {

ClientConnections::Admission ClientConnections::begin(std::string_view remote_address) {
  if (limit_ == 0 || remote_address.empty()) return Admission::Welcome;
  uint32_t& count = counts_[client_of(remote_address)];
  if (count >= uint64_t{2} * limit_) return Admission::Drop;
  return ++count > limit_ ? Admission::Refuse : Admission::Welcome;
}

void ClientConnections::end(std::string_view remote_address) {
  if (limit_ == 0 || remote_address.empty()) return;
  const auto found = counts_.find(client_of(remote_address));
  if (found != counts_.end() && --found->second == 0) counts_.erase(found);
}

}  // namespace tollgate::worker
