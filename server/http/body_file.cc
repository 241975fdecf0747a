// SPDX-License-Identifier: Apache-2.0
#include "server/http/body_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

namespace tollgate::http {
namespace {

// Not every file system can make a file without a name (O_TMPFILE); then it loses it at once.
UniqueFd open_unnamed(const char* directory) {
  UniqueFd file(open(directory, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (file.valid() || (errno != EOPNOTSUPP && errno != EISDIR)) return file;
  std::string path = std::string(directory) + "/tollgate-XXXXXX";
  file.reset(mkostemp(path.data(), O_CLOEXEC));
  if (file.valid()) unlink(path.c_str());
  return file;
}

}  // namespace

Result<std::unique_ptr<BodyFile>> BodyFile::create(const char* directory) {
  UniqueFd file = open_unnamed(directory);
  const int why = errno;
  const bool made = file.valid();
  std::unique_ptr<BodyFile> body(new BodyFile(std::move(file), directory));
  if (!made) return fail(body->failed("make", why));
  return body;
}

BodyFile::~BodyFile() {
  if (!view_.empty()) munmap(const_cast<char*>(view_.data()), view_.size());
}

Status BodyFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(failed("write", errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
    size_ += static_cast<uint64_t>(written);
  }
  return {};
}

Status BodyFile::map() {
  if (size_ == 0) return {};
  void* const memory = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file_.get(), /*offset=*/0);
  if (memory == MAP_FAILED) return fail(failed("mmap", errno));
  view_ = {static_cast<const char*>(memory), size_};
  return {};
}

Result<std::size_t> BodyFile::read(std::span<char> room, uint64_t offset) const {
  for (;;) {
    const ssize_t got = pread(file_.get(), room.data(), room.size(), static_cast<off_t>(offset));
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return fail(failed("read", errno));
  }
}

Error BodyFile::failed(std::string_view call, int errno_value) const {
  return from_errno(std::string(call)
                        .append(" a temporary file in ")
                        .append(directory_)
                        .append(" (body_temp_dir)"),
                    errno_value);
}

}  // namespace tollgate::http
