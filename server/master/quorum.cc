// SPDX-License-Identifier: Apache-2.0
#include "server/master/quorum.h"

#include <algorithm>

namespace tollgate::master {

int quorum(int wanted) { return std::max(wanted, 0) / 2 + 1; }

milliseconds freshness(milliseconds watchdog) { return std::max(milliseconds(1s), watchdog / 2); }

bool quorum_is_alive(std::span<const WorkerView> workers, int wanted, milliseconds fresh,
                     SteadyTime now) {
  if (wanted == 0) return true;
  const auto well = std::ranges::count_if(workers, [&](const WorkerView& worker) {
    return worker.state == WorkerState::Serving && now - worker.beat < fresh;
  });
  return well >= quorum(wanted);
}

}  // namespace tollgate::master
