// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/throttle.h"

#include <gtest/gtest.h>

#include "server/shm/rate_limits.h"
#include "tests/server/middleware/exchange_of.h"

namespace tollgate::middleware {
namespace {

using namespace std::chrono_literals;
using http::Response;

class ThrottleTest : public testing::Test {
 protected:
  ThrottleTest() { exchange_->started = SteadyTime(100h); }

  http::GateStep made(const std::vector<Throttle>& throttles) {
    auto step = make_throttles(throttles, *limits_);
    EXPECT_TRUE(step) << step.error().message;
    return *std::move(step);
  }
  // "", or the Retry-After of the 429.
  std::string ask(const http::GateStep& step, std::string_view address, int64_t user = 0) {
    exchange_->request.remote_address = address;
    exchange_->request.identity = {.authenticated = user != 0, .id = user};
    http::Verdict verdict = step(*exchange_);
    const auto* response = std::get_if<Response>(&verdict);
    return response == nullptr ? "" : field_of(*response, "Retry-After");
  }

  std::unique_ptr<shm::RateLimits> limits_ = shm::RateLimits::create();
  std::unique_ptr<http::Exchange> exchange_ = exchange_of({});
};

TEST_F(ThrottleTest, AnonymousOnesAreCountedByAddressAndUsersNotAtAll) {
  const http::GateStep step = made({anon_rate("1/min")});
  EXPECT_EQ(ask(step, "192.0.2.1"), "");
  EXPECT_EQ(ask(step, "192.0.2.1"), "60");
  EXPECT_EQ(ask(step, "192.0.2.2"), "");
  EXPECT_EQ(ask(step, "192.0.2.1", 7), "");
  EXPECT_EQ(ask(step, "192.0.2.1", 7), "");
}

TEST_F(ThrottleTest, UsersAreCountedByIdWhereverTheyAre) {
  const http::GateStep step = made({user_rate("3/min")});
  for (const char* address : {"192.0.2.1", "192.0.2.2", "192.0.2.3"})
    EXPECT_EQ(ask(step, address, 7), "");
  EXPECT_EQ(ask(step, "192.0.2.4", 7), "60");
  EXPECT_EQ(ask(step, "192.0.2.4", 8), "");
  EXPECT_EQ(ask(step, "192.0.2.4"), "");
  exchange_->started += 60s;
  EXPECT_EQ(ask(step, "192.0.2.4", 7), "");
}

TEST_F(ThrottleTest, CallersOfAnotherIssuerAreCountedBySubject) {
  const http::GateStep step = made({user_rate("1/min")});
  const auto ask_as = [&](std::string_view subject) {
    exchange_->request.identity = {.authenticated = true, .subject = subject};
    return std::holds_alternative<Response>(step(*exchange_));
  };
  EXPECT_FALSE(ask_as("one"));
  EXPECT_TRUE(ask_as("one"));
  EXPECT_FALSE(ask_as("another"));
  EXPECT_EQ(ask(step, "192.0.2.1", 7), "");
}

TEST_F(ThrottleTest, TwoRatesOfOneScopeHoldBoth) {
  const http::GateStep step = made({scoped_rate("login", "2/min"), scoped_rate("login", "3/hour")});
  EXPECT_EQ(ask(step, "192.0.2.1"), "");
  EXPECT_EQ(ask(step, "192.0.2.1"), "");
  EXPECT_EQ(ask(step, "192.0.2.1"), "60");
  exchange_->started += 60s;
  EXPECT_EQ(ask(step, "192.0.2.1"), "3540");
}

TEST_F(ThrottleTest, RoutesWithOneThrottleCountTogetherScopesApart) {
  EXPECT_EQ(ask(made({anon_rate("1/min")}), "192.0.2.1"), "");
  EXPECT_EQ(ask(made({anon_rate("1/min")}), "192.0.2.1"), "60");
  EXPECT_EQ(ask(made({user_rate("1/min")}), "192.0.2.1"), "");
  EXPECT_EQ(ask(made({scoped_rate("login", "1/min")}), "192.0.2.1"), "");
  EXPECT_EQ(ask(made({scoped_rate("login", "1/min")}), "192.0.2.1"), "60");
  EXPECT_EQ(ask(made({scoped_rate("upload", "1/min")}), "192.0.2.1"), "");
}

TEST_F(ThrottleTest, EachCountsWhateverTheOthersSayAndTheLongestWaitIsTold) {
  const http::GateStep step = made({scoped_rate("a", "1/min"), scoped_rate("b", "2/hour")});
  EXPECT_EQ(ask(step, "192.0.2.1"), "");
  EXPECT_EQ(ask(step, "192.0.2.1"), "60");
  EXPECT_EQ(ask(step, "192.0.2.1"), "3600");
}

TEST_F(ThrottleTest, OfNoneThereIsNoStep) {
  EXPECT_FALSE(made({}));
  EXPECT_FALSE(make_throttles({anon_rate("often")}, *limits_));
  EXPECT_FALSE(make_throttles({anon_rate("16777216/day")}, *limits_));
}

}  // namespace
}  // namespace tollgate::middleware
