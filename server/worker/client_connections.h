// How many connections each client address has in this worker, and whether it may have one more.
// Clients are told apart as client_of() does (server/base/ip.h); on a Unix socket nobody is
// counted. Pure. Loop thread only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tollgate::worker {

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
  std::unordered_map<std::string, uint32_t> counts_;  // of those that have any
};

}  // namespace tollgate::worker
