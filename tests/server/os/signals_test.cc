// SPDX-License-Identifier: Apache-2.0
#include "server/os/signals.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tollgate::os {
namespace {

bool is_blocked(int number) {
  sigset_t mask;
  pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  return sigismember(&mask, number) == 1;
}

TEST(Signals, ASignalIsAValueWithItsSender) {
  auto signals = Signals::open({SIGUSR1});
  ASSERT_TRUE(signals);
  EXPECT_FALSE(signals->take());
  kill(getpid(), SIGUSR1);
  const auto signal = signals->take();
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->number, SIGUSR1);
  EXPECT_TRUE(signal->from_process);
  EXPECT_EQ(signal->sender, getpid());
  EXPECT_FALSE(signals->take());
}

TEST(Signals, WhatTheKernelSendsIsNotFromAProcess) {
  auto signals = Signals::open({SIGCHLD});
  ASSERT_TRUE(signals);
  const pid_t child = fork();
  if (child == 0) _exit(0);
  pollfd watched{.fd = signals->fd(), .events = POLLIN, .revents = 0};
  ASSERT_EQ(poll(&watched, 1, 5000), 1);
  const auto signal = signals->take();
  ASSERT_TRUE(signal);
  EXPECT_FALSE(signal->from_process);
  waitpid(child, nullptr, 0);
}

TEST(Signals, TheMaskIsRestoredAtTheEnd) {
  {
    const auto signals = Signals::open({SIGUSR1, SIGUSR2});
    ASSERT_TRUE(signals);
    EXPECT_TRUE(is_blocked(SIGUSR1));
  }
  EXPECT_FALSE(is_blocked(SIGUSR1));
  EXPECT_FALSE(is_blocked(SIGUSR2));
}

TEST(Signals, AChildLeavesThemButForWhatItKeepsBlocked) {
  auto signals = Signals::open({SIGUSR1, SIGTERM});
  ASSERT_TRUE(signals);
  const pid_t child = fork();
  if (child == 0) {
    signals->leave({SIGTERM});
    _exit(!is_blocked(SIGUSR1) && is_blocked(SIGTERM) && signals->fd() < 0 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(is_blocked(SIGUSR1));
}

TEST(Signals, NamesAreTheUsualOnes) {
  EXPECT_EQ(signal_name(SIGSEGV), "SIGSEGV");
  EXPECT_EQ(signal_name(63), "signal 63");
}

}  // namespace
}  // namespace tollgate::os
