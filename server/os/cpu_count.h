// How many CPUs this process may use: what `workers = auto` means.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace tollgate::os {

// The lesser of the affinity mask and the cgroup v2 quota (its own and its
// parents'), rounded up; at least 1.
int cpu_count();

// The content of a cgroup's cpu.max, "150000 100000" or "max 100000": CPUs
// rounded up, at least 1; nothing without a quota or if it is not understood. Pure.
std::optional<int> cpus_of_quota(std::string_view cpu_max);

}  // namespace tollgate::os
