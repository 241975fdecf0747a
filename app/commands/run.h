// The binary: one sub-command a file, and the function that chooses.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/api/abi.h"
#include "server/base/export.h"

namespace tollgate::commands {

// Runs the command line and returns the exit code. `built_in` is the
// application that is served where none is named.
TOLLGATE_API int run(int argc, char** argv, const ApplicationEntry& built_in);

}  // namespace tollgate::commands
