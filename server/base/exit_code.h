// The exit codes of every tollgate process (DESIGN.md 2).
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tollgate {

enum ExitCode : int {
  kExitOk = 0,
  kExitRuntime = 1,
  kExitBind = 2,
  kExitWorkerBoot = 3,
  kExitApplication = 4,
  kExitConfiguration = 78,
};

}  // namespace tollgate
