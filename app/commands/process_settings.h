// What the settings make of this process before it opens any file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "server/base/result.h"
#include "server/config/config.h"
#include "server/config/loader.h"

namespace tollgate::commands {

// umask, chdir and raw_env. Relative paths: those of the settings count from `chdir`; the
// configuration file, the application and `chdir` itself from where the command was started.
// Errors: from chdir, naming the setting.
Status apply_process_settings(const Config& config);

// A path of the command line, valid after the change of directory.
std::string from_start(const Inputs& inputs, const Config& config, const std::string& path);

}  // namespace tollgate::commands
