// SPDX-License-Identifier: Apache-2.0
#include "server/log/log_files.h"

#include <unistd.h>

#include <utility>

#include "server/log/output.h"

namespace tollgate::log {
namespace {

Result<UniqueFd> open_one(const std::string& setting, const std::string& path, int standard) {
  auto output = Output::open(path, standard);
  if (!output) return fail(with_context(setting, std::move(output).error()));
  auto descriptor = output->duplicate();
  if (!descriptor) return fail(with_context(setting, std::move(descriptor).error()));
  return *std::move(descriptor);
}

}  // namespace

std::vector<int> LogFiles::descriptors() const {
  std::vector<int> out = {error.get()};
  if (access.valid()) out.push_back(access.get());
  return out;
}

Result<LogFiles> open_log_files(const Config& config) {
  LogFiles files;
  TOLLGATE_TRY(error, open_one("errorlog", config.errorlog, STDERR_FILENO));
  files.error = std::move(error);
  if (config.accesslog.empty()) return files;
  TOLLGATE_TRY(access, open_one("accesslog", config.accesslog, STDOUT_FILENO));
  files.access = std::move(access);
  return files;
}

}  // namespace tollgate::log
