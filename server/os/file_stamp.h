// What a new content of a file cannot leave as it was.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tollgate::os {

struct FileStamp {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t size = 0;
  int64_t modified = 0;  // nanoseconds since 1970, as the next
  int64_t changed = 0;   // also when it may be read by others now

  bool operator==(const FileStamp&) const = default;
};

// All zero: there is no such file, or it cannot be looked at.
FileStamp file_stamp(const std::string& path);
std::vector<FileStamp> file_stamps(const std::vector<std::string>& paths);  // in their order

}  // namespace tollgate::os
