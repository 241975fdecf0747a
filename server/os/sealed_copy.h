// A file as it is now, which nobody can change any more.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "server/base/result.h"
#include "server/base/unique_fd.h"

namespace tollgate::os {

// Copies a regular file into anonymous memory and seals it against writing and
// resizing. Close-on-exec; forked children may open "/proc/self/fd/N". What
// /proc shows of it carries the file's own name. Errors name the path.
Result<UniqueFd> sealed_copy(const std::string& path);

// The same of a text, which is called `name`.
Result<UniqueFd> sealed_text(std::string_view text, const std::string& name);

}  // namespace tollgate::os
