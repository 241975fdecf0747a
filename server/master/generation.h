// A generation: the configuration, the application and the sockets that its workers
// were started from, and with which any of them is replaced.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "server/base/unique_fd.h"
#include "server/config/config.h"
#include "server/master/plan.h"
#include "server/os/listeners.h"

namespace tollgate::master {

struct Generation {
  uint32_t number;
  Config config;
  UniqueFd application;     // a sealed copy of the file; invalid: the demo application
  os::Listeners listeners;  // empty once the server stops, and of a generation that was replaced

  Limits limits() const {
    return {
        .boot = config.boot_timeout, .silence = config.timeout, .drain = config.graceful_timeout};
  }
};

}  // namespace tollgate::master
