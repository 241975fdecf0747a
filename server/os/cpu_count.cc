// SPDX-License-Identifier: Apache-2.0
#include "server/os/cpu_count.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <string>

#include "server/base/text.h"
#include "server/os/small_file.h"

namespace tollgate::os {
namespace {

int cpus_of_affinity() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  // More than 1024 CPUs do not fit into the set.
  return static_cast<int>(std::max(sysconf(_SC_NPROCESSORS_ONLN), 1L));
}

// This process's folder in the cgroup v2 tree ("0::/system.slice/x.service"), or nothing.
std::optional<std::string> cgroup_folder() {
  const auto text = read_small_file("/proc/self/cgroup");
  if (!text) return std::nullopt;
  for (const std::string_view line : split(*text, '\n'))
    if (line.starts_with("0::/")) return std::string(line.substr(3));
  return std::nullopt;
}

}  // namespace

std::optional<int> cpus_of_quota(std::string_view cpu_max) {
  const auto parts = split(cpu_max.substr(0, cpu_max.find('\n')), ' ');
  if (parts.size() != 2) return std::nullopt;
  const auto quota = parse_uint(parts[0], INT_MAX);
  const auto period = parse_uint(parts[1], INT_MAX);
  if (!quota || !period || *period == 0) return std::nullopt;
  return std::max(1, static_cast<int>((*quota + *period - 1) / *period));
}

int cpu_count() {
  int count = std::max(1, cpus_of_affinity());
  // A limit above us binds us as well, so every folder up to the root is asked.
  for (auto folder = cgroup_folder(); folder;) {
    if (const auto text = read_small_file("/sys/fs/cgroup" + *folder + "/cpu.max"))
      count = std::min(count, cpus_of_quota(*text).value_or(count));
    const auto slash = folder->rfind('/');
    if (slash == std::string::npos) break;
    folder->resize(slash);
  }
  return count;
}

}  // namespace tollgate::os
