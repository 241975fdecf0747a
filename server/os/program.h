// This program as it was started, to start it again from the file that is there now.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "server/base/result.h"
#include "server/base/unique_fd.h"
#include "server/os/process.h"
#include "server/os/upgrade_channel.h"

namespace tollgate::os {

struct Program {
  std::vector<std::string> arguments;    // the first as it was given: a path, or a name for PATH
  std::vector<std::string> environment;  // "NAME=VALUE"
  std::string directory;                 // where it was started
};

// Takes down the directory, so call it before anything changes that. It is the one of $PWD where
// that is true: a way through a symbolic link ("current") then leads to the newest release.
Program program_as_started(std::vector<std::string> arguments,
                           std::vector<std::string> environment);

// What is executed: an absolute path with its links unresolved, or a name for PATH.
std::string path_of(const Program& program);

// Forks and executes the program in its directory, with `channel` and nothing else open but the
// standard descriptors, and the variable that names it. `leave` runs in the child first. Errors:
// Io (fork); if it cannot be executed that comes over the channel, and the child ends with 127.
Result<Child> launch(const Program& program, UpgradeChannel channel,
                     const std::function<void()>& leave);

}  // namespace tollgate::os
