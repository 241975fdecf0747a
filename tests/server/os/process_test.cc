// SPDX-License-Identifier: Apache-2.0
#include "server/os/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <thread>
#include <utility>

#include "server/os/small_file.h"
#include "tests/server/os/in_a_child.h"

namespace tollgate::os {
namespace {

constexpr int kPatience = 5000;  // milliseconds

TEST(Process, APidfdIsReadableWhenTheChildHasEnded) {
  auto child = fork_child();
  ASSERT_TRUE(child) << child.error().message;
  if (child->pid == 0) {
    pause();
    _exit(0);
  }
  pollfd watched{.fd = child->pidfd.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&watched, 1, 0), 0);
  kill(child->pid, SIGKILL);
  EXPECT_EQ(poll(&watched, 1, kPatience), 1);
  EXPECT_EQ(waitpid(child->pid, nullptr, 0), child->pid);
}

// A child whose own child wants to die with it; gives the grandchild's pidfd to us.
TEST(Process, AChildDiesWithItsParent) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    const pid_t self = getpid();
    if (fork() == 0) {
      const bool set = die_with_parent(self).has_value();
      const pid_t own = set ? getpid() : -1;
      if (write(ends[1], &own, sizeof own) < 0) _exit(1);
    }
    for (;;) pause();
  }
  pid_t grandchild = 0;
  ASSERT_EQ(read(ends[0], &grandchild, sizeof grandchild), 4);
  ASSERT_GT(grandchild, 0);
  const UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, grandchild, 0)));
  ASSERT_TRUE(pidfd.valid());
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  pollfd watched{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&watched, 1, kPatience), 1);
  close(ends[0]);
  close(ends[1]);
}

TEST(Process, AParentThatIsGoneAlreadyIsNoticed) {
  const pid_t child = fork();
  if (child == 0) {
    static_cast<void>(die_with_parent(getppid() + 1));
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(Process, TheTitleIsWhatPsShows) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    set_title("worker 3");
    const std::string shown = read_small_file("/proc/self/cmdline").value_or("?").c_str() +
                              std::string("|") + read_small_file("/proc/self/comm").value_or("?");
    _exit(write(ends[1], shown.data(), shown.size()) < 0);
  }
  char text[256] = {};
  ASSERT_GT(read(ends[0], text, sizeof text - 1), 0);
  EXPECT_EQ(std::string(text), "worker 3|worker 3\n");
  waitpid(child, nullptr, 0);
  close(ends[0]);
  close(ends[1]);
}

TEST(Process, DescriptorsAreAsManyAsTheHardLimitAllows) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit low{.rlim_cur = 64, .rlim_max = 128};
    setrlimit(RLIMIT_NOFILE, &low);
    const auto raised = raise_descriptor_limit();
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    _exit(raised && *raised == 128 && limit.rlim_cur == 128 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }

TEST(Process, AllDescriptorsAreClosedButTheStandardStreamsAndThoseToKeep) {
  EXPECT_TRUE(holds_in_a_child([] {
    for (const int fd : {5, 6, 7, 100}) dup2(0, fd);
    const int keep[] = {100, -1, 6, 6, 1};  // in no order, and invalid ones do no harm
    if (!close_all_except(keep)) return false;
    return is_open(0) && is_open(1) && is_open(2) && !is_open(5) && is_open(6) && !is_open(7) &&
           is_open(100);
  }));
}

TEST(Process, AClosedStandardStreamIsFilled) {
  EXPECT_TRUE(holds_in_a_child([] {
    close(0);
    close(2);
    if (!fill_standard_streams()) return false;
    return is_open(0) && is_open(2) && open("/dev/null", O_RDONLY | O_CLOEXEC) > 2;
  }));
}

TEST(Process, IsScheduledAsBatchUnlessItAlreadyHasAPolicy) {
  const sched_param unused{};
  EXPECT_TRUE(holds_in_a_child([&] {
    if (sched_setscheduler(0, SCHED_OTHER, &unused) != 0) return false;
    bool thread_is = false;
    const bool is = schedule_as_batch() && sched_getscheduler(0) == SCHED_BATCH;
    std::thread([&] { thread_is = sched_getscheduler(0) == SCHED_BATCH; }).join();
    return is && thread_is;
  }));
  EXPECT_TRUE(holds_in_a_child([&] {
    return sched_setscheduler(0, SCHED_IDLE, &unused) == 0 && schedule_as_batch() &&
           sched_getscheduler(0) == SCHED_IDLE;
  }));
}

TEST(Process, AFilterThatForbidsToBeScheduledAsBatchIsAnError) {
  EXPECT_TRUE(holds_in_a_child([] {
    std::array filter = {
        sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sched_setscheduler, 0, 1),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    const sock_fprog program{.len = filter.size(), .filter = filter.data()};
    const sched_param unused{};
    if (sched_setscheduler(0, SCHED_OTHER, &unused) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
      return false;
    const Status refused = schedule_as_batch();
    return !refused && refused.error().code == Errc::Denied && sched_getscheduler(0) == SCHED_OTHER;
  }));
}

TEST(Process, CoreDumpsAreOffOrAsLargeAsTheHardLimit) {
  EXPECT_TRUE(holds_in_a_child([] {
    const rlimit start{.rlim_cur = 0, .rlim_max = 1 << 20};
    setrlimit(RLIMIT_CORE, &start);
    const auto limits = [] {
      rlimit limit{};
      getrlimit(RLIMIT_CORE, &limit);
      return std::pair(limit.rlim_cur, limit.rlim_max);
    };
    if (!limit_core_dumps(CoreDumps::Allowed) ||
        limits() != std::pair<rlim_t, rlim_t>(1 << 20, 1 << 20))
      return false;
    if (!limit_core_dumps(CoreDumps::Off) || limits() != std::pair<rlim_t, rlim_t>(1, 1 << 20))
      return false;
    return limit_core_dumps(CoreDumps::OffForGood) && limits() == std::pair<rlim_t, rlim_t>(1, 1);
  }));
}

}  // namespace
}  // namespace tollgate::os
