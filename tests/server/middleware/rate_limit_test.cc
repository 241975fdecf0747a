// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/rate_limit.h"

#include <gtest/gtest.h>

#include "server/shm/rate_limits.h"
#include "tests/server/middleware/exchange_of.h"

namespace tollgate::middleware {
namespace {

using namespace std::chrono_literals;
using http::Response;

class RateLimitTest : public testing::Test {
 protected:
  RateLimitTest() { exchange_->started = SteadyTime(100h); }

  http::GateStep made(const RateLimit& limit, std::string scope = "scope") {
    auto step = make_rate_limit(limit, std::move(scope), *limits_);
    EXPECT_TRUE(step) << step.error().message;
    return *std::move(step);
  }
  bool passes(const http::GateStep& step, std::string_view address, int64_t user = 0) {
    exchange_->request.remote_address = address;
    exchange_->request.identity = {.authenticated = user != 0, .id = user};
    return std::holds_alternative<http::Pass>(step(*exchange_));
  }

  std::unique_ptr<shm::RateLimits> limits_ = shm::RateLimits::create();
  std::unique_ptr<http::Exchange> exchange_ = exchange_of({});
};

TEST_F(RateLimitTest, ByAddressEachHasItsOwn) {
  const http::GateStep step = made({.rate = "1/hour"});
  EXPECT_TRUE(passes(step, "2001:db8::1"));
  EXPECT_FALSE(passes(step, "2001:db8::2"));
  EXPECT_TRUE(passes(step, "2001:db8:0:1::1"));
  EXPECT_FALSE(passes(step, "2001:db8::1", 7));
}

TEST_F(RateLimitTest, ByUserTheAddressCountsOnlyForTheUnknown) {
  const http::GateStep step = made({.rate = "1/hour", .options = {.by = RateKey::User}});
  EXPECT_TRUE(passes(step, "192.0.2.1", 7));
  EXPECT_FALSE(passes(step, "192.0.2.2", 7));
  EXPECT_TRUE(passes(step, "192.0.2.1", 8));
  EXPECT_TRUE(passes(step, "192.0.2.1"));
  EXPECT_FALSE(passes(step, "192.0.2.1"));
}

TEST_F(RateLimitTest, ABurstIsWhatPassesAtOnce) {
  const http::GateStep step = made({.rate = "60/min", .options = {.burst = 2}});
  EXPECT_TRUE(passes(step, "192.0.2.1"));
  EXPECT_TRUE(passes(step, "192.0.2.1"));
  EXPECT_FALSE(passes(step, "192.0.2.1"));
  exchange_->started += 1s;
  EXPECT_TRUE(passes(step, "192.0.2.1"));
}

TEST_F(RateLimitTest, ScopesCountTogetherOrApart) {
  const RateLimit one{.rate = "1/hour"};
  EXPECT_TRUE(passes(made(one, "a"), "192.0.2.1"));
  EXPECT_FALSE(passes(made(one, "a"), "192.0.2.1"));
  EXPECT_TRUE(passes(made(one, "b"), "192.0.2.1"));
}

TEST_F(RateLimitTest, TheRefusalIsDRFs) {
  const std::tuple<std::chrono::nanoseconds, const char*, const char*> cases[] = {
      {60s, "60", "60 seconds."}, {1500ms, "2", "2 seconds."}, {1ns, "1", "1 second."}};
  for (const auto& [wait, field, words] : cases) {
    const Response refusal = throttled(wait);
    EXPECT_EQ(refusal.status(), 429);
    EXPECT_EQ(field_of(refusal, "Retry-After"), field);
    EXPECT_EQ(refusal.body(), R"({"detail":"Request was throttled. Expected available in )" +
                                  std::string(words) + "\"}");
  }
}

TEST_F(RateLimitTest, WhatIsNoRateIsRefused) {
  EXPECT_FALSE(make_rate_limit({.rate = "often"}, "", *limits_));
  EXPECT_FALSE(make_rate_limit({.rate = "1/s", .options = {.burst = kMaxBurst + 1}}, "", *limits_));
}

}  // namespace
}  // namespace tollgate::middleware
