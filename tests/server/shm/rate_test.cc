// SPDX-License-Identifier: Apache-2.0
#include "server/shm/rate.h"

#include <gtest/gtest.h>

namespace tollgate::shm {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST(Rate, ReadsTheFormsOfDRF) {
  const std::pair<const char*, Rate> cases[] = {
      {"5/s", {5, 1s, 5}},       {"5/sec", {5, 1s, 5}},   {"5/second", {5, 1s, 5}},
      {"3/m", {3, 1min, 3}},     {"3/min", {3, 1min, 3}}, {"3/minute", {3, 1min, 3}},
      {"100/h", {100, 1h, 100}}, {"1/hour", {1, 1h, 1}},  {"1000/d", {1000, 24h, 1000}},
      {"1/day", {1, 24h, 1}},
  };
  for (const auto& [text, expected] : cases) {
    const auto rate = parse_rate(text);
    ASSERT_TRUE(rate) << text;
    EXPECT_EQ(*rate, expected) << text;
  }
}

TEST(Rate, RefusesWhatIsNone) {
  for (const char* text : {"", "5", "5/", "/min", "0/min", "-1/min", "5/fortnight", "5 / min",
                           "5/min ", "1000000001/s", "five/min", "5/mine"}) {
    const auto rate = parse_rate(text);
    ASSERT_FALSE(rate) << text;
    EXPECT_NE(rate.error().message.find('"' + std::string(text) + '"'), std::string::npos);
  }
}

// What becomes of requests at these times, in seconds.
std::string decisions(const Rate& rate, std::initializer_list<double> seconds) {
  std::string out;
  uint64_t kept = 0;
  for (const double at : seconds) {
    const Decision decision = decide(rate, kept, static_cast<uint64_t>((1000 + at) * 1e9));
    if (const auto* allowed = std::get_if<Allowed>(&decision)) {
      kept = allowed->kept;
      out += "ok ";
    } else {
      out += std::to_string(ceil<std::chrono::seconds>(std::get<Wait>(decision).time).count());
      out += ' ';
    }
  }
  return out;
}

TEST(Rate, LetsTheBurstPassAndThenTheAverage) {
  const Rate rate{.count = 3, .period = 60s, .burst = 3};
  EXPECT_EQ(decisions(rate, {0, 0, 0, 0, 0}), "ok ok ok 20 20 ");
  EXPECT_EQ(decisions(rate, {0, 0, 0, 19, 20, 20, 40}), "ok ok ok 1 ok 20 ok ");
  EXPECT_EQ(decisions(rate, {0, 0, 0, 60, 60, 60, 60}), "ok ok ok ok ok ok 20 ");
  EXPECT_EQ(decisions({.count = 3, .period = 60s, .burst = 1}, {0, 1, 20, 21}), "ok 19 ok 19 ");
  EXPECT_EQ(decisions({.count = 1, .period = 60s, .burst = 2}, {0, 0, 0, 60}), "ok ok 60 ok ");
}

TEST(Rate, ARefusalTakesNothing) {
  const Rate rate{.count = 1, .period = 10s, .burst = 1};
  EXPECT_EQ(decisions(rate, {0, 1, 2, 3, 4, 10}), "ok 9 8 7 6 ok ");
}

TEST(Rate, ThatWasLoweredHoldsNobodyLongerThanItself) {
  const uint64_t in_a_day = 86'400'000'000'000;
  const Decision decision = decide({.count = 10, .period = 10s, .burst = 10}, in_a_day, 1);
  ASSERT_TRUE(std::holds_alternative<Wait>(decision));
  EXPECT_EQ(std::get<Wait>(decision).time, nanoseconds(1s));
}

TEST(Rate, AWindowLetsItsNumberPassAndThenNoneUntilItsEnd) {
  const Rate rate{.count = 3, .period = 60s, .burst = 1, .counting = Counting::Window};
  EXPECT_EQ(decisions(rate, {0, 0, 0, 0, 30, 59}), "ok ok ok 60 30 1 ");
  EXPECT_EQ(decisions(rate, {0, 20, 40, 50, 60, 60, 60, 60}), "ok ok ok 10 ok ok ok 60 ");
  EXPECT_EQ(decisions(rate, {0, 200, 201, 202, 203}), "ok ok ok ok 57 ");
  const Rate second{.count = 1, .period = 1s, .burst = 1, .counting = Counting::Window};
  EXPECT_EQ(decisions(second, {0, 0, 0.9, 1, 1}), "ok 1 1 ok 1 ");
}

TEST(Rate, AWindowThatWasLongerEndsWithTheNewPeriod) {
  const Rate hour{.count = 1, .period = 1h, .burst = 1, .counting = Counting::Window};
  const Rate minute{.count = 1, .period = 60s, .burst = 1, .counting = Counting::Window};
  const uint64_t now = 1'000'000'000'000;
  const uint64_t kept = std::get<Allowed>(decide(hour, 0, now)).kept;
  EXPECT_LE(std::get<Wait>(decide(minute, kept, now)).time, 60s);
}

}  // namespace
}  // namespace tollgate::shm
