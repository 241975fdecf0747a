// SPDX-License-Identifier: Apache-2.0
#include "server/os/small_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "server/base/unique_fd.h"

namespace tollgate::os {

Result<std::string> read_small_file(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return fail(from_errno("open " + path, errno));
  std::string text(64 << 10, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(fd.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(from_errno("read " + path, errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

}  // namespace tollgate::os
