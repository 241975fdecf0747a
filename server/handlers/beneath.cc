// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "server/base/text.h"
#include "server/log/logging.h"

namespace tollgate::handlers {
namespace {

// O_NONBLOCK: a named pipe without a writer would hold up the whole worker.
constexpr int kRead = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
constexpr int kStep = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

using Opened = tl::expected<UniqueFd, int>;

Opened opened(int64_t result) {
  if (result < 0) return tl::unexpected(errno);
  return UniqueFd(static_cast<int>(result));
}

// The C library of Debian 12 has no wrapper for it.
Opened open_as_a_whole(int directory, const char* path) {
  open_how how{};
  how.flags = kRead;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  // EAGAIN: something was renamed while a link with ".." was followed, openat2(2).
  constexpr int kTries = 4;
  Opened result = tl::unexpected(EAGAIN);
  for (int i = 0; i < kTries && !result && result.error() == EAGAIN; ++i)
    result = opened(syscall(SYS_openat2, directory, path, &how, sizeof(how)));
  return result;
}

Opened open_by_components(int directory, std::string_view path) {
  UniqueFd reached;
  for (;;) {
    const int at = reached.valid() ? reached.get() : directory;
    const auto slash = path.find('/');
    const std::string name(path.substr(0, slash));
    if (name == "..") return tl::unexpected(EXDEV);
    if (slash == std::string_view::npos)
      return opened(openat(at, name.c_str(), kRead | O_NOFOLLOW));
    Opened next = opened(openat(at, name.c_str(), kStep));
    if (!next) return next;
    reached = *std::move(next);
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

Result<Beneath> Beneath::open(const std::string& directory) {
  UniqueFd fd(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return fail(from_errno(directory, errno));
  const Opened tried = open_as_a_whole(fd.get(), ".");
  // EPERM: what containers answer to calls that they do not know.
  const bool lacks = !tried && (tried.error() == ENOSYS || tried.error() == EPERM);
  if (lacks) log::info("this kernel has no openat2: no links are followed below {}", directory);
  return Beneath(std::move(fd), lacks ? Walk::ByComponents : Walk::AsAWhole);
}

tl::expected<UniqueFd, int> Beneath::open_file(const std::string& path) const {
  return walk_ == Walk::AsAWhole ? open_as_a_whole(directory_.get(), path.c_str())
                                 : open_by_components(directory_.get(), path);
}

}  // namespace tollgate::handlers
