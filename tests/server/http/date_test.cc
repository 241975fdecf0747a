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

}  // namespace
}  // namespace tollgate::http
