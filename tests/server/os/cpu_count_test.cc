// SPDX-License-Identifier: Apache-2.0
#include "server/os/cpu_count.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tollgate::os {
namespace {

TEST(CpuCount, AQuotaIsRoundedUp) {
  EXPECT_EQ(cpus_of_quota("150000 100000\n"), 2);
  EXPECT_EQ(cpus_of_quota("200000 100000\n"), 2);
  EXPECT_EQ(cpus_of_quota("5000 100000"), 1);
}

TEST(CpuCount, WithoutAQuotaThereIsNoLimit) {
  for (const char* text : {"max 100000\n", "", "max", "100000", "100000 0", "x y", "1 2 3"})
    EXPECT_EQ(cpus_of_quota(text), std::nullopt) << text;
}

TEST(CpuCount, TheAffinityMaskIsObeyed) {
  const pid_t child = fork();
  if (child == 0) {
    cpu_set_t all, one;
    sched_getaffinity(0, sizeof all, &all);
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu)
      if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
    _exit(cpu_count());
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

}  // namespace
}  // namespace tollgate::os
