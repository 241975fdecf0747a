// SPDX-License-Identifier: Apache-2.0
#include "server/os/pid_file.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <utility>

#include "server/base/text.h"
#include "server/base/unique_fd.h"
#include "server/os/small_file.h"

namespace tollgate::os {
namespace {

// The process that the file names, or 0 if it names none.
pid_t read_pid(const std::string& path) {
  const auto text = read_small_file(path);
  if (!text) return 0;
  const auto pid = parse_uint(std::string_view(*text).substr(0, text->find('\n')), INT_MAX);
  return pid ? static_cast<pid_t>(*pid) : 0;
}

// EPERM: it runs, as another user.
bool is_alive(pid_t pid) { return kill(pid, 0) == 0 || errno == EPERM; }

Status write_new_file(const std::string& path, const std::string& text) {
  unlink(path.c_str());  // what a crashed process of the same number left
  const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!fd.valid()) return fail(from_errno("pid file: create " + path, errno));
  const ssize_t written = write(fd.get(), text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size()))
    return fail(from_errno("pid file: write " + path, written < 0 ? errno : ENOSPC));
  return {};
}

}  // namespace

Result<PidFile> PidFile::create(std::string path) {
  const pid_t other = read_pid(path);
  // Our own number: in a container every master is process 1, and its file outlives it.
  if (other > 0 && other != getpid() && is_alive(other))
    return fail(Errc::Conflict, "pid file " + path + ": process " + std::to_string(other) +
                                    " is running; stop it, or remove the file if it is not "
                                    "tollgate");
  const std::string own = std::to_string(getpid());
  const std::string temporary = path + "." + own;
  TOLLGATE_CHECK(write_new_file(temporary, own + "\n"));
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    unlink(temporary.c_str());
    return fail(from_errno("pid file: rename to " + path, error));
  }
  return PidFile(std::move(path));
}

PidFile::PidFile(PidFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}

PidFile::~PidFile() {
  if (!path_.empty()) remove_pid_file(path_, getpid());
}

Status PidFile::move_to(std::string path) {
  if (rename(path_.c_str(), path.c_str()) != 0)
    return fail(from_errno("pid file: rename " + path_ + " to " + path, errno));
  path_ = std::move(path);
  return {};
}

void remove_pid_file(const std::string& path, pid_t pid) {
  if (read_pid(path) == pid) unlink(path.c_str());
}

}  // namespace tollgate::os
