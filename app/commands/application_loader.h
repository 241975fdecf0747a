// Brings an application to life in a worker: from a file, or the built-in one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "app/api/abi.h"
#include "app/api/application.h"
#include "server/base/result.h"
#include "server/shm/rate_limits.h"

namespace tollgate::commands {

// Reads the stamp of the shared object behind `fd` before any of its code
// runs, then loads it for the life of the process. `name` is for messages.
// Errors: InvalidArgument, each with what to rebuild and how.
Result<const ApplicationEntry*> load_application(int fd, const std::string& name);

struct RunningApplication {
  std::unique_ptr<Application> application;
  http::Service* service;  // the application's
};

// Why an application does not start: the exit code says whose fault it is.
struct StartFailure {
  int exit_code;  // kExitApplication, or kExitConfiguration for a setting that is missing
  std::string message;
};

// Calls the application's own function and builds what it defined. What it
// throws is caught here. `limits`, which outlive it: nullptr: the application has its own.
tl::expected<RunningApplication, StartFailure> start_application(const ApplicationEntry& entry,
                                                                 const Config& config,
                                                                 shm::RateLimits* limits = nullptr);

}  // namespace tollgate::commands
