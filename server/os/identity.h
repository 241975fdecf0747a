// Who workers run as: the settings user, group and initgroups, and the change itself.
//
// Names are resolved once, by the master: a look-up may load libraries, open sockets
// and block, which a process that has just been forked should not.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/result.h"
#include "server/config/config.h"

namespace tollgate::os {

struct Identity {
  uid_t uid;
  gid_t gid;
  std::vector<gid_t> groups;  // all that the process is in; `gid` among them
  bool operator==(const Identity&) const = default;
};

// What `user`, `group` and `initgroups` say; nothing if they ask for no change.
// Errors name the setting: InvalidArgument (there is no such user or group), Denied (only
// root can become somebody else).
Result<std::optional<Identity>> resolve_identity(const Config& config);

// Who owns a file, each half if it is to be changed.
struct Owner {
  std::optional<uid_t> user = {};
  std::optional<gid_t> group = {};
  bool operator==(const Owner&) const = default;
};
// "user:group", "user" or ":group", by name or number. Errors: InvalidArgument.
Result<Owner> resolve_owner(std::string_view text);

// Makes this process `identity`, and makes sure that there is no way back. The kernel clears
// what die_with_parent() has asked for: ask behind it. It also takes away what makes /proc/PID
// readable by other processes of that user, and a core of this one possible
// (PR_SET_DUMPABLE, by fs.suid_dumpable). Errors: Denied, Io; then the process must end.
Status become(const Identity& identity);

}  // namespace tollgate::os
