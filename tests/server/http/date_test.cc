// SPDX-License-Identifier: Apache-2.0
#include "server/http/date.h"

#include <gtest/gtest.h>

namespace tollgate::http {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

WallTime at(int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

struct FakeClock final : Clock {
  SteadyTime steady() const override { return steady_time; }
  WallTime wall() const override {
    ++looks;
    return wall_time;
  }
  void advance(milliseconds by) {
    steady_time += by;
    wall_time += by;
  }
  SteadyTime steady_time{1h};
  WallTime wall_time{};
  mutable int looks = 0;
};

TEST(Date, IsAnImfFixdate) {
  struct {
    int64_t second;
    const char* text;
  } const rows[] = {
      {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},  // RFC 9110 5.6.7
      {0, "Thu, 01 Jan 1970 00:00:00 GMT"},          {1709164799, "Wed, 28 Feb 2024 23:59:59 GMT"},
      {1709164800, "Thu, 29 Feb 2024 00:00:00 GMT"}, {4102444799, "Thu, 31 Dec 2099 23:59:59 GMT"},
  };
  for (const auto& row : rows) {
    Date date;
    FakeClock clock;
    clock.wall_time = at(row.second);
    EXPECT_EQ(date.at(clock, clock.steady()), row.text);
  }
}

TEST(Date, ChangesWithTheSecondAndIsNotLookedAtBefore) {
  Date date;
  FakeClock clock;
  clock.wall_time = at(784111777) + 300ms;
  EXPECT_EQ(date.at(clock, clock.steady()), "Sun, 06 Nov 1994 08:49:37 GMT");
  clock.advance(699ms);
  EXPECT_EQ(date.at(clock, clock.steady()), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(clock.looks, 1);
  clock.advance(1ms);
  EXPECT_EQ(date.at(clock, clock.steady()), "Sun, 06 Nov 1994 08:49:38 GMT");
  clock.wall_time = at(784111777);  // set back: found out within a second
  clock.steady_time += 1s;
  EXPECT_EQ(date.at(clock, clock.steady()), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(HttpDate, IsReadInAllThreeForms) {
  const WallTime now = at(1795391958);  // 2026
  struct {
    const char* text;
    int64_t seconds;
  } const rows[] = {
      {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},  // the examples of RFC 9110 5.6.7
      {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
      {"Sun Nov  6 08:49:37 1994", 784111777},
      {"Wed Nov 16 08:49:37 1994", 784975777},
      {"Thu, 29 Feb 2024 00:00:00 GMT", 1709164800},
      {"Sat, 31 Dec 2016 23:59:60 GMT", 1483228800},    // a leap second
      {"Friday, 01-Jan-76 00:00:00 GMT", 3345062400},   // 2076: not over 50 years ahead
      {"Saturday, 01-Jan-77 00:00:00 GMT", 220924800},  // 1977
  };
  for (const auto& row : rows) {
    const auto read = parse_http_date(row.text, now);
    ASSERT_TRUE(read) << row.text;
    EXPECT_EQ(read->time_since_epoch().count(), row.seconds) << row.text;
  }
  const std::chrono::sys_seconds example(std::chrono::seconds(784111777));
  EXPECT_EQ(parse_http_date(http_date(example), now), example);
}

TEST(HttpDate, WhatIsNoneIsNotRead) {
  for (const char* text :
       {"", "yesterday", "784111777", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 GMT ", "sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Sun Nov 6 08:49:37 1994",
        "Sun, 06-Nov-94 08:49:37 GMT", "Sunday, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov +994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT"})
    EXPECT_FALSE(parse_http_date(text, at(0))) << text;
}

}  // namespace
}  // namespace tollgate::http
