// SPDX-License-Identifier: Apache-2.0
#include "server/os/file_stamp.h"

#include <sys/stat.h>

namespace tollgate::os {

FileStamp file_stamp(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return {};
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = static_cast<uint64_t>(status.st_size),
          .modified = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
}

}  // namespace tollgate::os
