// SPDX-License-Identifier: Apache-2.0
#include "server/log/access_format.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "server/config/config.h"

namespace tollgate::log {
namespace {

constexpr WallTime kTime{std::chrono::seconds(1795366358)};  // 2026-11-22 16:52:38 UTC

std::string line_of(std::string_view format, const AccessRecord& record) {
  auto compiled = AccessFormat::compile(format);
  if (!compiled) return compiled.error().message;
  std::string out;
  Timestamp timestamp(Timestamp::Style::Common);
  compiled->append(out, record, timestamp);
  return out;
}

constexpr auto kRequestField = [](std::string_view name) -> std::string_view {
  if (name == "user-agent") return "curl/8.5.0";
  if (name == "x-forwarded-for") return "203.0.113.9";
  return {};
};
constexpr auto kResponseField = [](std::string_view name) -> std::string_view {
  return name == "content-type" ? "text/plain" : "";
};

AccessRecord sample() {
  return {.time = kTime,
          .remote_address = "127.0.0.1",
          .user = "ada",
          .method = "GET",
          .target = "/notes?page=2",
          .path = "/notes",
          .query = "page=2",
          .protocol = "HTTP/1.1",
          .status = 200,
          .bytes = 512,
          .duration = std::chrono::microseconds(2'045'678),
          .request_field = kRequestField,
          .response_field = kResponseField,
          .pid = 4711};
}

class AccessFormatTest : public testing::Test {
 protected:
  void SetUp() override { set_zone("UTC0"); }
  static void set_zone(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
};

TEST_F(AccessFormatTest, TheDefaultLineIsGunicorns) {
  AccessRecord record = sample();
  record.user = {};
  EXPECT_EQ(line_of(Config{}.access_log_format, record),
            "127.0.0.1 - - [22/Nov/2026:16:52:38 +0000] \"GET /notes?page=2 HTTP/1.1\" 200 512 "
            "\"-\" \"curl/8.5.0\"\n");
}

struct Case {
  const char* format;
  const char* line;
};

TEST_F(AccessFormatTest, EachAtomShowsItsValue) {
  const Case cases[] = {
      {"%(h)s", "127.0.0.1"},
      {"%(l)s", "-"},
      {"%(u)s", "ada"},
      {"%(t)s", "[22/Nov/2026:16:52:38 +0000]"},
      {"%(r)s", "GET /notes?page=2 HTTP/1.1"},
      {"%(m)s", "GET"},
      {"%(U)s", "/notes"},
      {"%(q)s", "page=2"},
      {"%(H)s", "HTTP/1.1"},
      {"%(s)s", "200"},
      {"%(B)s", "512"},
      {"%(b)s", "512"},
      {"%(f)s", "-"},
      {"%(a)s", "curl/8.5.0"},
      {"%(T)s", "2"},
      {"%(M)s", "2045"},
      {"%(D)d", "2045678"},
      {"%(L)s", "2.045678"},
      {"%(p)s", "<4711>"},
      {"%({X-Forwarded-For}i)s", "203.0.113.9"},
      {"%({x-none}i)s", "-"},
      {"%({Content-Type}o)s", "text/plain"},
      {"%({x-none}o)s", "-"},
      {"%({RAW_URI}e)s", "/notes?page=2"},
      {"%({HTTP_X_FORWARDED_FOR}e)s", "203.0.113.9"},
      {"100%% %(s)s%%", "100% 200%"},
      {"", ""},
  };
  for (const Case& c : cases)
    EXPECT_EQ(line_of(c.format, sample()), std::string(c.line) + '\n') << c.format;
}

TEST_F(AccessFormatTest, WhatIsUnknownIsADash) {
  EXPECT_EQ(line_of("%(h)s %(u)s \"%(r)s\" %(m)s %(U)s %(H)s %(b)s %(B)s %(L)s [%(q)s]", {}),
            "- - \"-\" - - - - 0 0.000000 []\n");
}

TEST_F(AccessFormatTest, AClientCannotEndTheLineOrTheQuotes) {
  AccessRecord record = sample();
  record.target = "/a\"b\\c\r\nGET\x1b[2J\x7f\xC3\xA9";
  EXPECT_EQ(line_of("\"%(r)s\"", record),
            "\"GET /a\\\"b\\\\c\\x0d\\x0aGET\\x1b[2J\\x7f\\xc3\\xa9 HTTP/1.1\"\n");
}

TEST_F(AccessFormatTest, AnErrorNamesTheAtomAndItsPosition) {
  const Case cases[] = {
      {"%(h)s %(x)s", "position 7: unknown atom %(x)s"},
      {"%({a}x)s", "position 1: unknown atom %({a}x)s"},
      {"%({}i)s", "position 1: unknown atom %({}i)s"},
      {"%({PATH}e)s", "position 1: unknown atom %({PATH}e)s"},
      {"%()s", "position 1: unknown atom %()s"},
      {"%(h) - ", "position 1: %(h) has to be followed by s"},
      {"%(h)", "position 1: %(h) has to be followed by s"},
      {"a%(h", "position 2: % begins an atom like %(h)s; write %% for a percent sign"},
      {"100%", "position 4: % begins an atom like %(h)s; write %% for a percent sign"},
      {"%(h)s\n", "position 6: a record is one line; this would end it"},
  };
  for (const Case& c : cases) {
    const auto compiled = AccessFormat::compile(c.format);
    ASSERT_FALSE(compiled) << c.format;
    EXPECT_EQ(compiled.error().message, c.line);
  }
}

TEST_F(AccessFormatTest, TheTimeIsLocalAndChangesWithTheSecond) {
  set_zone("TST-05:30");
  Timestamp common(Timestamp::Style::Common);
  EXPECT_EQ(common.at(kTime), "22/Nov/2026:22:22:38 +0530");
  EXPECT_EQ(common.at(kTime + 999ms), "22/Nov/2026:22:22:38 +0530");
  EXPECT_EQ(common.at(kTime + 1s), "22/Nov/2026:22:22:39 +0530");
  EXPECT_EQ(common.at(kTime), "22/Nov/2026:22:22:38 +0530");
  set_zone("TST03:30");
  Timestamp iso(Timestamp::Style::Iso);
  EXPECT_EQ(iso.at(kTime), "2026-11-22 13:22:38 -0330");
}

}  // namespace
}  // namespace tollgate::log
