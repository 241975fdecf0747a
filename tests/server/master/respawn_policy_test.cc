// SPDX-License-Identifier: Apache-2.0
#include "server/master/respawn_policy.h"

#include <gtest/gtest.h>

#include "server/base/exit_code.h"

namespace tollgate::master {
namespace {

constexpr SteadyTime kStart{1000s};
constexpr std::optional<int> kSignal = std::nullopt;

RespawnPolicy experienced() {
  RespawnPolicy policy;
  policy.ready();
  return policy;
}

TEST(RespawnPolicy, TheFirstDeathIsReplacedAtOnce) {
  RespawnPolicy policy = experienced();
  EXPECT_EQ(policy.died(kSignal, 1, kStart), std::nullopt);
  EXPECT_LE(policy.not_before(), kStart);
  EXPECT_FALSE(policy.degraded(kStart));
}

TEST(RespawnPolicy, AllWorkersKilledTogetherAreReplacedAtOnce) {
  RespawnPolicy policy = experienced();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(policy.died(kSignal, 4, kStart), std::nullopt);
  EXPECT_FALSE(policy.degraded(kStart));
}

TEST(RespawnPolicy, ALoopWaitsTwiceAsLongEachTimeAndAtMostHalfAMinute) {
  RespawnPolicy policy = experienced();
  SteadyTime now = kStart;
  EXPECT_EQ(policy.died(kSignal, 1, now), std::nullopt);
  milliseconds expected = 100ms;
  for (int i = 0; i < 15; ++i) {
    EXPECT_EQ(policy.died(kSignal, 1, now), std::nullopt);
    EXPECT_EQ(policy.not_before() - now, expected) << i;
    EXPECT_TRUE(policy.degraded(now));
    now = policy.not_before();
    expected = std::min<milliseconds>(expected * 2, 30s);
  }
}

TEST(RespawnPolicy, AWorkerThatCrashesAtBootIsForkedAtMostTenTimesInSixSeconds) {
  RespawnPolicy policy = experienced();
  SteadyTime now = kStart;
  int forks = 1;
  for (;;) {
    EXPECT_EQ(policy.died(kSignal, 1, now), std::nullopt);
    now = std::max(now, policy.not_before());
    if (now - kStart > 6s) break;
    ++forks;
    ASSERT_LT(forks, 100);
  }
  EXPECT_LE(forks, 10);
  EXPECT_GE(forks, 5);
}

TEST(RespawnPolicy, TenQuietSecondsMakeItGoodAgain) {
  RespawnPolicy policy = experienced();
  for (int i = 0; i < 8; ++i) EXPECT_EQ(policy.died(kSignal, 1, kStart), std::nullopt);
  const SteadyTime back = policy.not_before();
  EXPECT_EQ(policy.died(kSignal, 1, back + 10s), std::nullopt);
  EXPECT_GT(policy.not_before(), back + 10s);  // not yet quiet for long enough
  const SteadyTime later = policy.not_before() + 10s + 1ms;
  EXPECT_EQ(policy.died(kSignal, 1, later), std::nullopt);
  EXPECT_LE(policy.not_before(), later);
}

TEST(RespawnPolicy, ANewGenerationStartsWithAClearName) {
  RespawnPolicy policy = experienced();
  for (int i = 0; i < 8; ++i) EXPECT_EQ(policy.died(kSignal, 1, kStart), std::nullopt);
  policy.forgive();
  EXPECT_FALSE(policy.degraded(kStart));
}

TEST(RespawnPolicy, AFirstBootThatSaysWhyItFailedStopsTheServer) {
  for (const int code : {kExitWorkerBoot, kExitApplication, kExitConfiguration}) {
    RespawnPolicy policy;
    EXPECT_EQ(policy.died(code, 4, kStart), code);
  }
}

TEST(RespawnPolicy, AFirstBootThatCrashesIsTriedAFewTimes) {
  RespawnPolicy policy;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(policy.died(kSignal, 2, kStart), std::nullopt);
  EXPECT_EQ(policy.died(1, 2, kStart), kExitWorkerBoot);
}

TEST(RespawnPolicy, AServerThatOnceWorkedNeverStopsByItself) {
  RespawnPolicy policy = experienced();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(policy.died(kExitApplication, 2, kStart), std::nullopt);
}

}  // namespace
}  // namespace tollgate::master
