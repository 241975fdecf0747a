// SPDX-License-Identifier: Apache-2.0
#include "server/config/control_path.h"

#include <cstdlib>

namespace tollgate {
namespace {

constexpr std::string_view kName = "/tollgate.ctl";
constexpr std::string_view kServicePath = "/run/tollgate/tollgate.ctl";  // tollgate.service

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

RuntimeFolders RuntimeFolders::from_environment() {
  return {.runtime_directory = variable("RUNTIME_DIRECTORY"),
          .xdg_runtime_dir = variable("XDG_RUNTIME_DIR")};
}

std::string control_path(std::string_view setting, const RuntimeFolders& folders) {
  if (setting != kAutomaticControl) return std::string(setting);
  std::string folder = folders.runtime_directory.substr(0, folders.runtime_directory.find(':'));
  if (folder.empty()) folder = folders.xdg_runtime_dir;
  return folder.empty() ? "" : folder.append(kName);
}

std::vector<std::string> control_candidates(std::string_view setting,
                                            const RuntimeFolders& folders) {
  std::vector<std::string> out;
  if (std::string path = control_path(setting, folders); !path.empty())
    out.push_back(std::move(path));
  if (setting == kAutomaticControl && (out.empty() || out.front() != kServicePath))
    out.emplace_back(kServicePath);
  return out;
}

}  // namespace tollgate
