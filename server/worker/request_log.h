// The access log of one worker: what an exchange becomes as a line.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <memory>

#include "server/base/clock.h"
#include "server/config/config.h"
#include "server/http/connection_host.h"
#include "server/log/access_log.h"

namespace tollgate::worker {

class RequestLog {
 public:
  // Into `file`, or, if it is invalid, into the one that the settings name.
  // Errors: those of the file and of the format. `clock` outlives the log.
  static Result<std::unique_ptr<RequestLog>> open(const Config& config, const Clock& clock,
                                                  UniqueFd file = {});

  void append(const http::Exchange& exchange, const http::Answer& answer);

  // Writes what waits, at most once a second.
  void flush_if_due(SteadyTime now);
  void flush() { log_.flush(); }
  void use(UniqueFd file) { log_.use(std::move(file)); }

 private:
  RequestLog(log::Output output, log::AccessFormat format, const Clock& clock);

  log::AccessLog log_;
  const Clock& clock_;
  const pid_t pid_;
  SteadyTime flushed_;
};

}  // namespace tollgate::worker
