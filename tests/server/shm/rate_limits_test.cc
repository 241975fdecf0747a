// SPDX-License-Identifier: Apache-2.0
#include "server/shm/rate_limits.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "server/shm/durable.h"

namespace tollgate::shm {
namespace {

using namespace std::chrono_literals;

constexpr Rate kTwenty{.count = 20, .period = 1h, .burst = 20};
const SteadyTime kNow{100h};

TEST(RateLimits, LetAsManyPassAsTheRateSays) {
  const auto limits = RateLimits::create();
  const uint64_t key = limits->key("login", "192.0.2.1");
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(limits->take(key, kTwenty, kNow)) << i;
  EXPECT_EQ(limits->take(key, kTwenty, kNow), std::optional<std::chrono::nanoseconds>(3min));
  EXPECT_FALSE(limits->take(key, kTwenty, kNow + 3min));
}

TEST(RateLimits, TellCallersAndScopesApart) {
  const auto limits = RateLimits::create();
  const Rate one{.count = 1, .period = 1h, .burst = 1};
  for (const auto& [scope, caller] : {std::pair("a", "bc"), {"ab", "c"}, {"a", "b"}, {"", "a"}})
    EXPECT_FALSE(limits->take(limits->key(scope, caller), one, kNow)) << scope << ' ' << caller;
  EXPECT_TRUE(limits->take(limits->key("a", "b"), one, kNow));
}

TEST(RateLimits, HaveAKeyOfTheirOwnInEachServer) {
  EXPECT_NE(RateLimits::create()->key("a", "b"), RateLimits::create()->key("a", "b"));
}

// 64 callers a place: each still has at least the newest of them.
TEST(RateLimits, AFullTableForgetsTheOldest) {
  const auto limits = RateLimits::create();
  const Rate one{.count = 1, .period = 1h, .burst = 1};
  SteadyTime now = kNow;
  constexpr int kCallers = 64 * static_cast<int>(RateLimits::kEntries);
  for (int i = 0; i < kCallers; ++i) {
    const uint64_t key = limits->key("", std::to_string(i));
    ASSERT_FALSE(limits->take(key, one, now)) << i;
    ASSERT_TRUE(limits->take(key, one, now)) << i;
    now += 1us;
  }
}

TEST(RateLimits, ManyThreadsTogetherTakeNoMoreThanOne) {
  const auto limits = RateLimits::create();
  const Rate rate{.count = 1000, .period = 1h, .burst = 1000};
  const uint64_t key = limits->key("", "all");
  std::atomic<int> passed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i)
        if (!limits->take(key, rate, kNow)) ++passed;
    });
  for (std::thread& thread : threads) thread.join();
  // Whoever loses too many races is let through; that is rare.
  EXPECT_GE(passed, 1000);
  EXPECT_LE(passed, 1010);
}

TEST(RateLimits, AreTheSameForAllProcessesAndForWhoAdoptsThem) {
  auto durable = Durable::create();
  ASSERT_TRUE(durable);
  const uint64_t key = durable->rate_limits().key("", "192.0.2.1");
  for (int child = 0; child < 4; ++child) {
    const pid_t pid = fork();
    if (pid == 0) {
      for (int i = 0; i < 5; ++i)
        if (durable->rate_limits().take(key, kTwenty, kNow)) _exit(1);
      _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
  }
  auto upgraded = Durable::adopt(UniqueFd(dup(durable->fd())));
  ASSERT_TRUE(upgraded);
  EXPECT_EQ(upgraded->rate_limits().key("", "192.0.2.1"), key);
  EXPECT_TRUE(upgraded->rate_limits().take(key, kTwenty, kNow));
}

}  // namespace
}  // namespace tollgate::shm
