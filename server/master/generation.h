// A generation: the configuration, the application, the key, the logs and the sockets that its
// workers were started with, and with which any of them is replaced. What only the master may open
// is open.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/base/unique_fd.h"
#include "server/config/config.h"
#include "server/log/log_files.h"
#include "server/master/plan.h"
#include "server/os/listeners.h"

namespace tollgate::master {

struct Generation {
  uint32_t number;
  Config config;
  UniqueFd application = {};  // a sealed copy of the file; invalid: the demo application
  std::vector<std::string> key_files = {};  // its keys are in these alone, and change with them
  bool has_keys = false;  // its workers are given those of the server (key_rotation.h)
  log::LogFiles logs = {};
  os::Listeners listeners = {};  // empty once the server stops, and of one that was replaced

  Limits limits() const {
    return {
        .boot = config.boot_timeout, .silence = config.timeout, .drain = config.graceful_timeout};
  }
};

}  // namespace tollgate::master
