// SPDX-License-Identifier: Apache-2.0
#include "server/shm/tally.h"

namespace tollgate::shm {

std::string_view to_string(Tally tally) {
  static constexpr std::array<std::string_view, kTallies> kNames = {
      "bad_requests",    "long_targets",     "large_heads",
      "large_bodies",    "slow_heads",       "slow_bodies",
      "slow_readers",    "idle_closed",      "last_requests",
      "refused_clients", "full_queues",      "full_connections",
      "no_descriptors",  "broken_responses", "unwritable_responses",
      "temp_files",      "no_temp_files",    "rate_limited",
      "evicted",
  };
  return kNames[static_cast<std::size_t>(tally)];
}

}  // namespace tollgate::shm
