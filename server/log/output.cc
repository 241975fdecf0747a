// SPDX-License-Identifier: Apache-2.0
#include "server/log/output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <ctime>

namespace tollgate::log {
namespace {

// Keeps a SIGPIPE that this thread raises from being delivered, whatever the
// process has decided about that signal.
class SigpipeGuard {
 public:
  SigpipeGuard() {
    sigset_t pending;
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &old_);
  }
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;
  ~SigpipeGuard() {
    const timespec now{};
    if (!was_pending_)
      while (sigtimedwait(&pipe_, nullptr, &now) < 0 && errno == EINTR) continue;
    pthread_sigmask(SIG_SETMASK, &old_, nullptr);
  }

 private:
  sigset_t pipe_;
  sigset_t old_;
  bool was_pending_;
};

bool is_regular(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

// A link that another user made leads where he likes, and a master that runs as root would write
// there (as in CVE-2016-1247). One of root's or ours is as good as a path.
bool is_our_link(const std::string& path) {
  struct stat info;
  return lstat(path.c_str(), &info) == 0 && S_ISLNK(info.st_mode) &&
         (info.st_uid == 0 || info.st_uid == geteuid());
}

// As many whole lines as fit into `limit`, at least one line.
std::string_view whole_lines(std::string_view lines, std::size_t limit) {
  if (lines.size() <= limit) return lines;
  auto end = lines.rfind('\n', limit - 1);
  if (end == std::string_view::npos) end = lines.find('\n');
  return end == std::string_view::npos ? lines : lines.substr(0, end + 1);
}

}  // namespace

Result<Output> Output::open(std::string path, int standard) {
  Output output(std::move(path), standard);
  output.regular_ = is_regular(standard);
  TOLLGATE_CHECK(output.reopen());
  return output;
}

Output Output::adopt(UniqueFd file, std::string path) {
  Output output(std::move(path), file.get());
  output.regular_ = is_regular(file.get());
  output.owned_ = std::move(file);
  return output;
}

Result<UniqueFd> Output::duplicate() const {
  UniqueFd copy(::fcntl(descriptor(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!copy.valid()) return fail(from_errno("dup of " + path_, errno));
  return copy;
}

Status Output::reopen() {
  if (path_ == "-") return {};
  // 0640: addresses and paths are not for every user of the machine.
  // A named pipe that nobody reads is an error, and not a wait.
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  UniqueFd fd(::open(path_.c_str(), kFlags | (is_our_link(path_) ? 0 : O_NOFOLLOW), 0640));
  if (!fd.valid()) return fail(from_errno("open " + path_, errno));
  regular_ = is_regular(fd.get());
  owned_ = std::move(fd);
  return {};
}

Output::Written Output::write(std::string_view lines) {
  if (regular_) return write_piece(lines);
  const SigpipeGuard guard;
  std::size_t count = 0;
  while (count < lines.size()) {
    const Written piece = write_piece(whole_lines(lines.substr(count), PIPE_BUF));
    count += piece.count;
    if (piece.error != 0) return {count, piece.error};
  }
  return {count, 0};
}

Output::Written Output::write_piece(std::string_view piece) const {
  std::size_t count = 0;
  while (count < piece.size()) {
    const ssize_t n = ::write(descriptor(), piece.data() + count, piece.size() - count);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return {count, errno};
    if (n == 0) return {count, EIO};  // no file does this; never spin on it
    count += static_cast<std::size_t>(n);
  }
  return {count, 0};
}

bool Output::wait(std::chrono::milliseconds limit) const {
  pollfd poll_fd{.fd = descriptor(), .events = POLLOUT, .revents = 0};
  return ::poll(&poll_fd, 1, static_cast<int>(limit.count())) > 0;
}

}  // namespace tollgate::log
