// SPDX-License-Identifier: Apache-2.0
#include "server/master/respawn_policy.h"

#include <algorithm>

#include "server/base/exit_code.h"

namespace tollgate::master {
namespace {

// How many boots beyond one of each worker may crash before the server gives up.
constexpr int kBootRetries = 4;

milliseconds delay_of(int deaths, int workers) {
  const int beyond = deaths - std::max(workers, 1);
  if (beyond <= 0) return 0ms;
  milliseconds delay = RespawnPolicy::kFirstDelay;
  for (int i = 1; i < beyond && delay < RespawnPolicy::kLongestDelay; ++i) delay *= 2;
  return std::min(delay, RespawnPolicy::kLongestDelay);
}

}  // namespace

std::optional<int> RespawnPolicy::died(std::optional<int> exit_code, int workers, SteadyTime now) {
  // What was waited for on purpose is not quiet.
  if (now - std::max(last_death_, not_before_) > kQuiet) deaths_ = 0;
  ++deaths_;
  last_death_ = now;
  const milliseconds delay = delay_of(deaths_, workers);
  not_before_ = delay == 0ms ? SteadyTime{} : now + delay;

  if (ever_ready_) return std::nullopt;
  if (exit_code == kExitWorkerBoot || exit_code == kExitApplication ||
      exit_code == kExitConfiguration)
    return exit_code;
  if (++boot_deaths_ >= workers + kBootRetries) return kExitWorkerBoot;
  return std::nullopt;
}

void RespawnPolicy::forgive() {
  deaths_ = 0;
  not_before_ = {};
}

}  // namespace tollgate::master
