// SPDX-License-Identifier: Apache-2.0
#include "server/http/date.h"

#include <gtest/gtest.h>

namespace tollgate::http {
namespace {

using namespace std::chrono_literals;

WallTime at(int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

TEST(Date, IsAnImfFixdate) {
  Date date;
  EXPECT_EQ(date.at(at(784111777)), "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110 5.6.7
  EXPECT_EQ(date.at(at(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(date.at(at(1709164799)), "Wed, 28 Feb 2024 23:59:59 GMT");
  EXPECT_EQ(date.at(at(1709164800)), "Thu, 29 Feb 2024 00:00:00 GMT");
  EXPECT_EQ(date.at(at(4102444799)), "Thu, 31 Dec 2099 23:59:59 GMT");
}

TEST(Date, ChangesWithTheSecondAndNotBefore) {
  Date date;
  EXPECT_EQ(date.at(at(784111777)), date.at(at(784111777) + 999ms));
  EXPECT_EQ(date.at(at(784111777) + 1s), "Sun, 06 Nov 1994 08:49:38 GMT");
  EXPECT_EQ(date.at(at(784111777)), "Sun, 06 Nov 1994 08:49:37 GMT");
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
