// The listening sockets that whoever started us passed (sd_listen_fds(3), by hand).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/result.h"
#include "server/os/listeners.h"

namespace tollgate::os {

struct PassedSocket {
  int fd = -1;
  std::string name;  // "unknown" where nobody gave it one; several may share one
  bool operator==(const PassedSocket&) const = default;
};
using PassedSockets = std::vector<PassedSocket>;

// LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES as they stand in an environment.
struct ListenVariables {
  std::optional<std::string> pid = {};
  std::optional<std::string> fds = {};
  std::optional<std::string> names = {};
};

// None if they are not for process `self`: a shell between systemd and us inherits them, too.
// Errors: InvalidArgument, when they are for us and make no sense.
Result<PassedSockets> parse_listen_variables(const ListenVariables& variables, pid_t self);

// Reads the variables and removes them, so that no child takes them for its own. The sockets
// are close-on-exec, and the caller's. Errors: as above, and a descriptor that is not open.
Result<PassedSockets> take_passed_sockets();

// The same for a master that upgrades another: those that were passed to that one or to one before
// it, whatever their LISTEN_PID, and are among `inherited` as "fd://N". N is then a name only.
Result<PassedSockets> passed_to_another(const Listeners& inherited);

// `bind` with each name as the number that open_listeners() adopts; where nobody has set
// `bind`, all that was passed. A name may stand for several. Errors: InvalidArgument (no
// such name, or a socket that is meant twice).
Result<std::vector<std::string>> resolve_bind(const std::vector<std::string>& bind, bool is_set,
                                              const PassedSockets& passed);

// Closes those that no address of a resolved `bind` means, with a warning, and forgets them.
void drop_unused(PassedSockets& passed, const std::vector<std::string>& bind);

}  // namespace tollgate::os
