// SPDX-License-Identifier: Apache-2.0
#include "server/shm/quarantine_list.h"

#include "server/shm/scoreboard.h"

namespace tollgate::shm {

std::optional<SteadyTime> QuarantineList::search(uint64_t route, SteadyTime now) const {
  const std::size_t count = std::min<std::size_t>(count_.load(std::memory_order_acquire), kRows);
  for (std::size_t i = 0; i < count; ++i) {
    if (rows_[i].route.load(std::memory_order_relaxed) != route) continue;
    const SteadyTime until = from_beat(rows_[i].until.load(std::memory_order_relaxed));
    if (now < until) return until;
  }
  return std::nullopt;
}

void QuarantineList::set(std::size_t index, uint64_t route, SteadyTime until) {
  rows_[index].route.store(route, std::memory_order_relaxed);
  rows_[index].until.store(to_beat(until), std::memory_order_relaxed);
}

}  // namespace tollgate::shm
