// When enough of the workers are well for systemd to be told so (pure).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "server/base/clock.h"
#include "server/base/units.h"
#include "server/master/plan.h"

namespace tollgate::master {

// More than half of the wanted workers, and at least one.
int quorum(int wanted);

// How old a beat may be with a watchdog of this interval. Never less than a second: a worker
// beats ten times in it, and a machine that is merely busy is not to be restarted.
milliseconds freshness(milliseconds watchdog);

// Whether a quorum serves and has a beat younger than `fresh`. A server that was emptied on
// purpose (WINCH) has nothing that could be ill.
bool quorum_is_alive(std::span<const WorkerView> workers, int wanted, milliseconds fresh,
                     SteadyTime now);

}  // namespace tollgate::master
