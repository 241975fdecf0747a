// SPDX-License-Identifier: Apache-2.0
#include "app/commands/process_settings.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace tollgate::commands {

Status apply_process_settings(const Config& config) {
  if (config.umask.bits) ::umask(*config.umask.bits);
  if (!config.chdir.empty() && ::chdir(config.chdir.c_str()) != 0)
    return fail(from_errno("chdir: " + config.chdir, errno));
  for (const std::string& variable : config.raw_env) {
    const auto equals = variable.find('=');
    setenv(variable.substr(0, equals).c_str(), variable.c_str() + equals + 1, /*overwrite=*/1);
  }
  return {};
}

std::string from_start(const Inputs& inputs, const Config& config, const std::string& path) {
  if (path.empty() || path.starts_with('/') || config.chdir.empty()) return path;
  return inputs.directory + '/' + path;
}

}  // namespace tollgate::commands
