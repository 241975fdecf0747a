// SPDX-License-Identifier: Apache-2.0
#include "server/os/sealed_copy.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace tollgate::os {
namespace {

constexpr std::size_t kLongestName = 249;  // memfd_create(2)
constexpr std::size_t kChunk = 16 << 20;

Status copy(int from, int to, const std::string& path) {
  for (;;) {
    const ssize_t sent = sendfile(to, from, nullptr, kChunk);
    if (sent == 0) return {};
    if (sent < 0 && errno != EINTR) return fail(from_errno("copy " + path, errno));
  }
}

Result<UniqueFd> new_memory(const std::string& name) {
  UniqueFd memory(
      memfd_create(name.substr(0, kLongestName).c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory.valid()) return fail(from_errno("memfd_create for " + name, errno));
  return memory;
}

Result<UniqueFd> sealed(UniqueFd memory, const std::string& name) {
  if (fcntl(memory.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
    return fail(from_errno("seal the copy of " + name, errno));
  return memory;
}

}  // namespace

Result<UniqueFd> sealed_copy(const std::string& path) {
  // O_NONBLOCK: opening a FIFO must not hang the master.
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return fail(from_errno("open " + path, errno));
  struct stat info;
  if (fstat(file.get(), &info) != 0) return fail(from_errno("stat " + path, errno));
  if (!S_ISREG(info.st_mode)) return fail(Errc::InvalidArgument, path + ": not a regular file");
  TOLLGATE_TRY(memory, new_memory(path.substr(path.rfind('/') + 1)));
  TOLLGATE_CHECK(copy(file.get(), memory.get(), path));
  return sealed(std::move(memory), path);
}

Result<UniqueFd> sealed_text(std::string_view text, const std::string& name) {
  TOLLGATE_TRY(memory, new_memory(name));
  while (!text.empty()) {
    const ssize_t written = write(memory.get(), text.data(), text.size());
    if (written < 0 && errno != EINTR) return fail(from_errno("write " + name, errno));
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return sealed(std::move(memory), name);
}

}  // namespace tollgate::os
