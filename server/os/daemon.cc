// SPDX-License-Identifier: Apache-2.0
#include "server/os/daemon.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>

#include "server/base/exit_code.h"
#include "server/os/process.h"

namespace tollgate::os {
namespace {

// In the process that was started, until the server has said how it went.
[[noreturn]] void wait_for_word(const UniqueFd& server, pid_t child) {
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) continue;
  uint8_t code = kExitRuntime;
  ssize_t got = 0;
  do got = read(server.get(), &code, sizeof code);
  while (got < 0 && errno == EINTR);
  if (got != sizeof code)
    std::fputs("tollgate: the server ended before it was ready, without a word\n", stderr);
  _exit(code);
}

}  // namespace

Result<Daemon> Daemon::start() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return fail(from_errno("pipe for a daemon", errno));
  UniqueFd server(ends[0]);
  UniqueFd waiter(ends[1]);
  std::fflush(nullptr);  // or it would be printed twice
  const pid_t child = fork();
  if (child < 0) return fail(from_errno("fork of a daemon", errno));
  if (child > 0) {
    waiter.reset();  // or the end of the server's would never be read
    wait_for_word(server, child);
  }
  setsid();
  const pid_t grandchild = fork();
  if (grandchild != 0) _exit(grandchild > 0 ? kExitOk : kExitRuntime);
  return Daemon(std::move(waiter));
}

Status Daemon::ready() {
  Status silent = silence_standard_streams();
  tell(kExitOk);
  return silent;
}

void Daemon::ended(int exit_code) { tell(exit_code); }

void Daemon::tell(int exit_code) {
  const auto code = static_cast<uint8_t>(exit_code);
  // Nobody may be left to read it, which is no harm: SIGPIPE is ignored by the master.
  if (waiter_.valid() && write(waiter_.get(), &code, sizeof code) < 0) waiter_.reset();
  waiter_.reset();
}

}  // namespace tollgate::os
