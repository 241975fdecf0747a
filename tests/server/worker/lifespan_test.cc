// SPDX-License-Identifier: Apache-2.0
#include "server/worker/lifespan.h"

#include <gtest/gtest.h>

#include <set>

namespace tollgate::worker {
namespace {

constexpr SteadyTime kStart{1000s};
using Reason = std::optional<std::string_view>;

TEST(Lifespan, HasNoEndByDefault) {
  Lifespan lifespan(Config{}, kStart);
  EXPECT_FALSE(lifespan.is_last(1));
  EXPECT_EQ(lifespan.sample(kStart + 24h * 3650, UINT64_MAX), std::nullopt);
}

TEST(Lifespan, EndsWithTheRequestThatReachesMaxRequests) {
  const Lifespan lifespan({.max_requests = 3}, kStart);
  EXPECT_FALSE(lifespan.is_last(2));
  EXPECT_TRUE(lifespan.is_last(3));
  EXPECT_FALSE(lifespan.is_last(4));
}

TEST(Lifespan, EndsAtMaxWorkerLifetime) {
  Lifespan lifespan({.max_worker_lifetime = 10s}, kStart);
  EXPECT_EQ(lifespan.sample(kStart + 9999ms, 0), std::nullopt);
  EXPECT_EQ(lifespan.sample(kStart + 10s, 0), "max_worker_lifetime");
}

TEST(Lifespan, JitterAddsAndIsEachWorkersOwn) {
  std::set<uint64_t> last;
  for (int i = 0; i < 100; ++i) {
    const Lifespan lifespan({.max_requests = 10, .max_requests_jitter = 5}, kStart);
    for (uint64_t n = 0; n < 100; ++n)
      if (lifespan.is_last(n)) last.insert(n);
  }
  EXPECT_GE(*last.begin(), 10U);
  EXPECT_LE(*last.rbegin(), 15U);
  EXPECT_GT(last.size(), 1U);

  Lifespan lifespan({.max_worker_lifetime = 1s, .max_worker_lifetime_jitter = 1s}, kStart);
  EXPECT_EQ(lifespan.sample(kStart + 999ms, 0), std::nullopt);
  EXPECT_EQ(lifespan.sample(kStart + 2s, 0), "max_worker_lifetime");
}

TEST(Lifespan, EndsWhenMemoryStaysAboveTheLimit) {
  struct Case {
    std::vector<uint64_t> samples;
    Reason last;
  };
  const Case cases[] = {
      {{101, 101}, {}},
      {{101, 101, 101}, "max_worker_memory"},
      {{100, 100, 100, 100}, {}},       // at the limit is not above it
      {{101, 101, 100, 101, 101}, {}},  // a peak that goes away
      {{101, 101, 100, 101, 101, 101}, "max_worker_memory"},
  };
  for (const Case& c : cases) {
    Lifespan lifespan({.max_worker_memory = {100}}, kStart);
    Reason last;
    SteadyTime now = kStart;
    for (const uint64_t resident : c.samples) last = lifespan.sample(now += 1s, resident);
    EXPECT_EQ(last, c.last) << testing::PrintToString(c.samples);
  }
}

TEST(Lifespan, IsSampledOnceASecond) {
  Lifespan lifespan(Config{}, kStart);
  EXPECT_TRUE(lifespan.sample_is_due(kStart));
  lifespan.sample(kStart, 0);
  EXPECT_FALSE(lifespan.sample_is_due(kStart + 999ms));
  EXPECT_TRUE(lifespan.sample_is_due(kStart + 1s));
}

}  // namespace
}  // namespace tollgate::worker
