// A generation: the configuration and the application that its workers were
// started from, and with which any of them is replaced.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "server/base/unique_fd.h"
#include "server/config/config.h"
#include "server/master/plan.h"

namespace tollgate::master {

struct Generation {
  uint32_t number;
  Config config;
  UniqueFd application;  // a sealed copy of the file; invalid: the demo application

  Limits limits() const {
    return {
        .boot = config.boot_timeout, .silence = config.timeout, .drain = config.graceful_timeout};
  }
};

}  // namespace tollgate::master
