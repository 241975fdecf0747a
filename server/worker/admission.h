// Whether a worker may take one more connection: least-loaded admission. Pure.
//
// All workers wait on one shared socket; which of them the kernel wakes says
// nothing about which is free. Each looks at the scoreboard first, and leaves
// the connection to the others unless it has about the fewest itself
// (reference/servers.md K9: max/mean 1.04, where plain accepting gives 2 to 4).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "server/base/clock.h"
#include "server/shm/scoreboard.h"

namespace tollgate::worker {

// How many connections more than the least-loaded live worker one may have before it waits.
inline constexpr uint32_t kSlack = 1;

// Whether the worker in `slot` counts for the others: serving, and its loop
// has written its beat lately. One that stalls, drains or is gone does not.
bool is_live(const shm::Slot& slot, SteadyTime now);

// `own` is among `slots`.
bool may_accept(std::span<const shm::Slot> slots, const shm::Slot& own, SteadyTime now);

}  // namespace tollgate::worker
