// What a new content of a file cannot leave as it was.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace tollgate::os {

struct FileStamp {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t size = 0;
  int64_t modified = 0;  // nanoseconds since 1970

  bool operator==(const FileStamp&) const = default;
};

// All zero: there is no such file, or it cannot be looked at.
FileStamp file_stamp(const std::string& path);

}  // namespace tollgate::os
