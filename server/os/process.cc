// SPDX-License-Identifier: Apache-2.0
#include "server/os/process.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "server/base/text.h"
#include "server/os/small_file.h"

namespace tollgate::os {

Result<Child> fork_child() {
  const pid_t pid = fork();
  if (pid < 0) return fail(from_errno("fork", errno));
  if (pid == 0) return Child{};
  // The number cannot be reused before we reap the child, so that this is not a race.
  UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd.valid()) {
    const int error = errno;
    kill(pid, SIGKILL);
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    return fail(from_errno("pidfd_open", error));
  }
  return Child{.pid = pid, .pidfd = std::move(pidfd)};
}

Status die_with_parent(pid_t parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return fail(from_errno("PR_SET_PDEATHSIG", errno));
  // It may have ended before the call above, which then waits for the end of another process.
  if (getppid() != parent) raise(SIGKILL);
  return {};
}

void set_title(std::string_view title) {
  prctl(PR_SET_NAME, std::string(title).c_str());  // the kernel keeps 15 bytes
  const auto stat = read_small_file("/proc/self/stat");
  if (!stat) return;
  // proc(5): the name, which may hold anything, ends at the last ')'; the first
  // field behind it is the 3rd, arg_start is the 48th and arg_end the 49th.
  const std::string_view text = *stat;
  const auto fields = split(text.substr(std::min(text.rfind(')'), text.size() - 2) + 2), ' ');
  if (fields.size() <= 49 - 3) return;
  const auto begin = parse_uint(fields[48 - 3]);
  const auto end = parse_uint(fields[49 - 3]);
  if (!begin || !end || *begin == 0 || *begin >= *end) return;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the address comes from the kernel as a number
  auto* area = reinterpret_cast<char*>(static_cast<uintptr_t>(*begin));
  const std::size_t size = *end - *begin;
  const std::size_t shown = std::min(title.size(), size - 1);  // ends with NUL, or ps reads on
  std::memcpy(area, title.data(), shown);
  std::memset(area + shown, 0, size - shown);
}

uint64_t resident_memory() {
  const auto text = read_small_file("/proc/self/statm");  // pages: all, resident, …
  if (!text) return 0;
  const auto fields = split(*text, ' ');
  const auto pages = fields.size() < 2 ? Result<uint64_t>(0) : parse_uint(fields[1]);
  return pages ? *pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

Result<uint64_t> raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return fail(from_errno("getrlimit(RLIMIT_NOFILE)", errno));
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
    return fail(from_errno("setrlimit(RLIMIT_NOFILE)", errno));
  return limit.rlim_cur;
}

Status close_all_except(std::span<const int> keep) {
  std::vector<int> kept(keep.begin(), keep.end());
  std::ranges::sort(kept);
  unsigned first = STDERR_FILENO + 1;
  for (const int fd : kept) {
    if (fd < static_cast<int>(first)) continue;
    const auto next = static_cast<unsigned>(fd);
    if (next > first && close_range(first, next - 1, 0) != 0)
      return fail(from_errno("close_range", errno));
    first = next + 1;
  }
  if (close_range(first, ~0U, 0) != 0) return fail(from_errno("close_range", errno));
  return {};
}

Status fill_standard_streams() {
  for (;;) {
    UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!null.valid()) return fail(from_errno("open /dev/null", errno));
    if (null.get() > STDERR_FILENO) return {};
    if (fcntl(null.release(), F_SETFD, 0) != 0) return fail(from_errno("fcntl", errno));
  }
}

Status silence_standard_streams() {
  const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null.valid()) return fail(from_errno("open /dev/null", errno));
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (dup2(null.get(), stream) < 0) return fail(from_errno("dup2", errno));
  return {};
}

// Off is 1 byte and not 0: where core_pattern is a pipe (systemd-coredump, apport) the kernel
// does not look at the limit (core(5)), but for 1, which it refuses. No file is so short.
Status limit_core_dumps(CoreDumps core_dumps) {
  rlimit limit{};
  if (getrlimit(RLIMIT_CORE, &limit) != 0) return fail(from_errno("getrlimit(RLIMIT_CORE)", errno));
  if (core_dumps == CoreDumps::OffForGood) limit.rlim_max = std::min<rlim_t>(limit.rlim_max, 1);
  limit.rlim_cur =
      core_dumps == CoreDumps::Allowed ? limit.rlim_max : std::min<rlim_t>(limit.rlim_max, 1);
  if (setrlimit(RLIMIT_CORE, &limit) != 0) return fail(from_errno("setrlimit(RLIMIT_CORE)", errno));
  return {};
}

Status schedule_as_batch() {
  if (sched_getscheduler(0) != SCHED_OTHER) return {};
  const sched_param unused{};
  if (sched_setscheduler(0, SCHED_BATCH, &unused) != 0)
    return fail(from_errno("sched_setscheduler", errno));
  return {};
}

Status make_dumpable() {
  if (prctl(PR_SET_DUMPABLE, 1) != 0) return fail(from_errno("PR_SET_DUMPABLE", errno));
  return {};
}

}  // namespace tollgate::os
