// SPDX-License-Identifier: Apache-2.0
#include "server/http/range.h"

#include <gtest/gtest.h>

namespace tollgate::http {
namespace {

using Kind = RangeSet::Kind;
using Ranges = std::vector<ByteRange>;

TEST(Range, OfTenThousandBytes) {
  struct {
    const char* field;
    Ranges ranges;
  } const partial[] = {
      {"bytes=0-499", {{0, 500}}},  // the examples of RFC 9110 14.1.2
      {"bytes=500-999", {{500, 500}}},
      {"bytes=-500", {{9500, 500}}},
      {"bytes=9500-", {{9500, 500}}},
      {"bytes=0-0,-1", {{0, 1}, {9999, 1}}},
      {"bytes= 0-0 , 4500-4999, ,-1", {{0, 1}, {4500, 500}, {9999, 1}}},
      {"bytes=500-600,601-999", {{500, 101}, {601, 399}}},
      {"bytes=500-700,601-999", {{500, 500}}},
      {"BYTES=0-0", {{0, 1}}},
      {"bytes=0-", {{0, 10000}}},
      {"bytes=9999-9999", {{9999, 1}}},
      {"bytes=0-10000", {{0, 10000}}},
      {"bytes=-10001", {{0, 10000}}},
      {"bytes=1-99999999999999999999999", {{1, 9999}}},
      {"bytes=-99999999999999999999999", {{0, 10000}}},
      {"bytes=18446744073709551615-,5-6", {{5, 2}}},
      {"bytes=20000-,0-1", {{0, 2}}},
      {"bytes=-0,0-1", {{0, 2}}},
      {"bytes=9-9,0-0", {{9, 1}, {0, 1}}},                 // not in order, and kept so
      {"bytes=0-1,20-21,1-20,50-50", {{0, 22}, {50, 1}}},  // one that joins two
      {"bytes=0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-", {{0, 10000}}},
  };
  for (const auto& row : partial) {
    const RangeSet set = parse_range(row.field, 10000);
    EXPECT_EQ(set.kind, Kind::Partial) << row.field;
    EXPECT_EQ(set.ranges, row.ranges) << row.field;
  }
  for (const char* field : {"bytes=10000-", "bytes=10000-10001", "bytes=-0", "bytes=10000-,-0",
                            "bytes=99999999999999999999999-"})
    EXPECT_EQ(parse_range(field, 10000).kind, Kind::Unsatisfiable) << field;
}

TEST(Range, WhatIsNotUnderstoodIsIgnored) {
  for (const char* field : {"",
                            "bytes",
                            "bytes=",
                            "bytes=,",
                            "bytes=-",
                            "bytes=5",
                            "bytes=5-4",
                            "bytes=a-b",
                            "bytes=0-1,x",
                            "bytes=0-1,5-4",
                            "bytes=--1",
                            "bytes=+1-2",
                            "bytes=0 -1",
                            "bytes=0- 1",
                            "bytes=0x1-2",
                            "bytes=0-1;2-3",
                            "bytes =0-1",
                            " bytes=0-1",
                            "items=0-1",
                            "bytes:0-1",
                            "bytes=0-1-2",
                            "bytes=18446744073709551616-1"})
    EXPECT_EQ(parse_range(field, 10000).kind, Kind::Whole) << field;
}

TEST(Range, OfNothing) {
  EXPECT_EQ(parse_range("bytes=0-", 0).kind, Kind::Unsatisfiable);
  EXPECT_EQ(parse_range("bytes=0-0", 0).kind, Kind::Unsatisfiable);
  EXPECT_EQ(parse_range("bytes=-5", 0).kind, Kind::Whole);
}

TEST(Range, OfTheLargestSizeDoesNotOverflow) {
  const RangeSet set = parse_range("bytes=0-0,-1,18446744073709551614-", UINT64_MAX);
  EXPECT_EQ(set.ranges, (Ranges{{0, 1}, {UINT64_MAX - 1, 1}}));
  EXPECT_EQ(parse_range("bytes=0-", UINT64_MAX).ranges, (Ranges{{0, UINT64_MAX}}));
  EXPECT_EQ(parse_range("bytes=18446744073709551615-", UINT64_MAX).kind, Kind::Unsatisfiable);
}

// CVE-2011-3192.
TEST(Range, TooManyPartsAreTheWhole) {
  std::string field = "bytes=0-0";
  for (int i = 1; i < 16; ++i) field += "," + std::to_string(i * 2) + "-" + std::to_string(i * 2);
  EXPECT_EQ(parse_range(field, 10000).ranges.size(), kMaxRanges);
  EXPECT_EQ(parse_range(field + ",100-100", 10000).kind, Kind::Whole);
  std::string killer = "bytes=0-";
  for (int i = 1; i < 1300; ++i) killer += ",5-" + std::to_string(i + 5);
  EXPECT_EQ(parse_range(killer, 10000).ranges, (Ranges{{0, 10000}}));
}

TEST(Range, IsSaidInContentRange) {
  EXPECT_EQ(content_range({.first = 0, .size = 500}, 1234), "bytes 0-499/1234");
  EXPECT_EQ(content_range({.first = 734, .size = 500}, 1234), "bytes 734-1233/1234");
  EXPECT_EQ(unsatisfied_range(1234), "bytes */1234");
}

}  // namespace
}  // namespace tollgate::http
