// The listening sockets of a server, as its worker takes them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "server/base/result.h"
#include "server/base/unique_fd.h"
#include "server/os/listeners.h"

namespace tollgate::commands {

// The descriptors as the worker owns them; this process's copies in `listeners` are closed.
Result<std::vector<UniqueFd>> take_listeners(const os::Listeners& listeners);

}  // namespace tollgate::commands
