// The listening sockets of a configuration.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "server/base/result.h"
#include "server/config/config.h"
#include "server/os/listener.h"

namespace tollgate::os {

// In the order of `bind`. Shared, since two generations of a server may listen on the same
// socket: the last that lets go of it closes this process's copy.
using Listeners = std::vector<std::shared_ptr<Listener>>;

// Whether an "fd://N" that is not among those that the server has may be taken from what this
// process inherited. Once it runs, N may be anything.
enum class Adopt : uint8_t { Yes, No };

// One for each `bind`: that of `have` which was opened for the same address (or for port 0, and
// got it), or a new one.
// Errors: InvalidArgument (not an address), and those of Listener::open().
Result<Listeners> open_listeners(const Config& config, const Listeners& have = {},
                                 Adopt adopt = Adopt::Yes);

}  // namespace tollgate::os
