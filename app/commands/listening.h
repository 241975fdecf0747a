// The listening sockets of a server, from its settings to its worker.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "server/base/result.h"
#include "server/base/unique_fd.h"
#include "server/config/config.h"
#include "server/master/predecessor.h"
#include "server/os/listener.h"

namespace tollgate::commands {

// One for each `bind`: that of the old master in an upgrade (else nullptr), or a new one. Errors:
// InvalidArgument (not an address), and those of Listener::open().
Result<std::vector<os::Listener>> open_listeners(const Config& config,
                                                 master::Predecessor* predecessor = nullptr);

// The descriptors as the worker owns them; this process's copies in `listeners` are closed.
Result<std::vector<UniqueFd>> take_listeners(std::span<os::Listener> listeners);

}  // namespace tollgate::commands
