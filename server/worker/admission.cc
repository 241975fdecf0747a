// SPDX-License-Identifier: Apache-2.0
#include "server/worker/admission.h"

#include <algorithm>

namespace tollgate::worker {

bool is_live(const shm::Slot& slot, SteadyTime now) {
  if (slot.state.load(std::memory_order_relaxed) != shm::SlotState::Serving) return false;
  const SteadyTime beat = shm::from_beat(slot.beat.load(std::memory_order_relaxed));
  return now - beat < shm::kMissedBeats * shm::kBeat;
}

bool may_accept(std::span<const shm::Slot> slots, const shm::Slot& own, SteadyTime now) {
  const uint32_t mine = own.connections.load(std::memory_order_relaxed);
  return std::ranges::all_of(slots, [&](const shm::Slot& slot) {
    return mine <= slot.connections.load(std::memory_order_relaxed) + kSlack || !is_live(slot, now);
  });
}

}  // namespace tollgate::worker
