// The files that a process logs into, opened by one that may, for others that may not.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "server/base/result.h"
#include "server/base/unique_fd.h"
#include "server/config/config.h"

namespace tollgate::log {

struct LogFiles {
  UniqueFd error;   // "-": a copy of standard error
  UniqueFd access;  // "-": a copy of standard output; invalid: there is no access log

  // As they are sent: the error log's first. Valid as long as this object.
  std::vector<int> descriptors() const;
};

// Errors: the system's, with the setting and the path.
Result<LogFiles> open_log_files(const Config& config);

}  // namespace tollgate::log
