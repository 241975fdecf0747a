// The text of a small file that the kernel or an administrator wrote.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "server/base/result.h"

namespace tollgate::os {

// At most the first 64 KiB: for /proc, /sys and pid files, never for what a client names.
// Errors: from open or read, naming the path (NotFound, Denied, Io).
Result<std::string> read_small_file(const std::string& path);

}  // namespace tollgate::os
