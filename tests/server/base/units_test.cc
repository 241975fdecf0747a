// SPDX-License-Identifier: Apache-2.0
#include "server/base/units.h"

#include <gtest/gtest.h>

namespace tollgate {
namespace {

TEST(Units, SizesAreReadWithAndWithoutAUnit) {
  EXPECT_EQ(parse_bytes("8190")->count, 8190u);
  EXPECT_EQ(parse_bytes("64KiB")->count, 65536u);
  EXPECT_EQ(parse_bytes("10MiB")->count, 10u << 20);
}

TEST(Units, ABareDurationIsSecondsAsInGunicorn) {
  EXPECT_EQ(*parse_duration("30"), 30s);
  EXPECT_EQ(*parse_duration("250ms"), 250ms);
  EXPECT_EQ(*parse_duration("5m"), 300s);
}

TEST(Units, WhatIsNotUnderstoodIsAnError) {
  for (const char* bad : {"", "KiB", "10kb", "-1", "1.5s", "10 MiB", "99999999999999999999"}) {
    EXPECT_FALSE(parse_bytes(bad)) << bad;
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
  EXPECT_FALSE(parse_bytes("9007199254740993GiB"));
}

TEST(Units, PrintedValuesReadBackTheSame) {
  for (const uint64_t n :
       {uint64_t{0}, uint64_t{1}, uint64_t{8190}, uint64_t{65536}, uint64_t{10} << 20})
    EXPECT_EQ(parse_bytes(to_string(Bytes{n}))->count, n);
  for (const milliseconds d :
       {milliseconds(0), milliseconds(1), milliseconds(1500), milliseconds(60000)})
    EXPECT_EQ(*parse_duration(to_string(d)), d);
}

}  // namespace
}  // namespace tollgate
