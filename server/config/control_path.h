// Where the control socket is: the one rule that the server and `tollgate ctl` share (pure).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tollgate {

inline constexpr std::string_view kAutomaticControl = "auto";

// The folders of a service and of a login, as they stand in the environment; empty: unset.
struct RuntimeFolders {
  std::string runtime_directory = {};  // RUNTIME_DIRECTORY: systemd writes several with colons
  std::string xdg_runtime_dir = {};

  static RuntimeFolders from_environment();
};

// Where a server with this `control_socket` listens; empty: nowhere.
std::string control_path(std::string_view setting, const RuntimeFolders& folders);

// Where ctl looks for it, the best first. Besides the server's own rule that is the folder of
// the installed service, whose RUNTIME_DIRECTORY an operator's shell does not have.
std::vector<std::string> control_candidates(std::string_view setting,
                                            const RuntimeFolders& folders);

}  // namespace tollgate
