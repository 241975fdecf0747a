// What calls cost in CPU time of this thread: other processes do not count.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <ctime>
#include <functional>
#include <limits>
#include <vector>

namespace tollgate::crypto::test {

inline double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// The least of some runs of each call; the calls take turns, so that a machine
// that is slow for a while is slow for all.
inline std::vector<double> cpu_costs(const std::vector<std::function<void()>>& calls) {
  std::vector<double> least(calls.size(), std::numeric_limits<double>::max());
  for (int round = 0; round < 7; ++round) {
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const double before = cpu_seconds();
      calls[i]();
      least[i] = std::min(least[i], cpu_seconds() - before);
    }
  }
  return least;
}

}  // namespace tollgate::crypto::test
