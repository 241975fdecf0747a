// How long a connection's first request has waited to be accepted, as the kernel tells it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/base/units.h"

namespace tollgate::worker {

// Of a connection just accepted: the time since its last bytes came, in whole milliseconds. It
// is a lower bound of the first request's wait (its first bytes may have come before the last
// ones), and 0 where nothing was sent yet, and where the kernel does not tell: on Unix sockets.
milliseconds waited_in_kernel(int socket);

}  // namespace tollgate::worker
