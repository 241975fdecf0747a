// The life of a worker of `tollgate serve`, in its own process.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "app/api/abi.h"
#include "server/master/spawner.h"
#include "server/shm/rate_limits.h"
#include "server/shm/scoreboard.h"

namespace tollgate::commands {

// Loads the application (`built_in` unless the start brings another, which is called
// `application_name`), serves until drained, and gives the exit code.
int worker_main(master::WorkerStart start, shm::Scoreboard& scoreboard, shm::RateLimits& limits,
                const ApplicationEntry& built_in, const std::string& application_name);

}  // namespace tollgate::commands
