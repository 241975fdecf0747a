// SPDX-License-Identifier: Apache-2.0
#include "server/http/conditional.h"

#include <gtest/gtest.h>

#include <vector>

namespace tollgate::http {
namespace {

using Fields = std::vector<FieldView>;

constexpr std::chrono::sys_seconds kModified(std::chrono::seconds(784111777));
constexpr const char* kBefore = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr const char* kSame = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* kLater = "Sun, 06 Nov 1994 08:49:38 GMT";
const WallTime kNow = kModified + std::chrono::hours(1);

TEST(EntityTag, IsParsedAsTheGrammarSays) {
  struct {
    const char* text;
    bool weak;
    const char* opaque;
  } const good[] = {
      {"\"xyzzy\"", false, "xyzzy"}, {"W/\"xyzzy\"", true, "xyzzy"},
      {"\"\"", false, ""},           {"\"a,b\"", false, "a,b"},
      {"\"\\\"", false, "\\"},       {"\"\xC3\xBC\"", false, "\xC3\xBC"},
  };
  for (const auto& row : good) {
    const auto tag = parse_entity_tag(row.text);
    ASSERT_TRUE(tag) << row.text;
    EXPECT_EQ(tag->weak, row.weak) << row.text;
    EXPECT_EQ(tag->opaque, row.opaque) << row.text;
  }
  for (const char* text : {"", "*", "xyzzy", "\"xyzzy", "xyzzy\"", "w/\"xyzzy\"", "W/xyzzy",
                           "\"a b\"", "\"a\"b", "\"a\" ", "W/ \"a\""})
    EXPECT_FALSE(parse_entity_tag(text)) << text;
}

// The table of RFC 9110 8.8.3.2.
TEST(EntityTag, IsComparedStronglyOrWeakly) {
  struct {
    const char* a;
    const char* b;
    bool strong;
    bool weak;
  } const rows[] = {
      {"W/\"1\"", "W/\"1\"", false, true},
      {"W/\"1\"", "W/\"2\"", false, false},
      {"W/\"1\"", "\"1\"", false, true},
      {"\"1\"", "\"1\"", true, true},
  };
  for (const auto& row : rows) {
    const auto a = parse_entity_tag(row.a);
    const auto b = parse_entity_tag(row.b);
    EXPECT_EQ(strong_match(*a, *b), row.strong) << row.a << ' ' << row.b;
    EXPECT_EQ(weak_match(*a, *b), row.weak) << row.a << ' ' << row.b;
  }
}

TEST(Conditional, IsEvaluatedInTheOrderOfTheRfc) {
  constexpr auto kGo = Precondition::Proceed;
  constexpr auto kOld = Precondition::NotModified;
  constexpr auto kNo = Precondition::Failed;
  const Validators both{.etag = "\"a\"", .last_modified = kModified};
  const Validators weak{.etag = "W/\"a\"", .last_modified = kModified};
  const Validators dated{.last_modified = kModified};
  const Validators bare{};
  const Validators nothing{.exists = false};
  struct {
    const char* name;
    Method method;
    Fields fields;
    Validators validators;
    Precondition expected;
  } const rows[] = {
      {"no condition", Method::Get, {}, both, kGo},

      {"If-Match fits", Method::Put, {{"If-Match", "\"a\""}}, both, kGo},
      {"If-Match fits in a list", Method::Put, {{"If-Match", "\"x\" , ,\"a\""}}, both, kGo},
      {"If-Match fits on a second line",
       Method::Put,
       {{"If-Match", "\"x\""}, {"if-match", "\"a\""}},
       both,
       kGo},
      {"If-Match does not fit", Method::Get, {{"If-Match", "\"b\""}}, both, kNo},
      {"If-Match is strong: the client's", Method::Get, {{"If-Match", "W/\"a\""}}, both, kNo},
      {"If-Match is strong: ours", Method::Get, {{"If-Match", "\"a\""}}, weak, kNo},
      {"If-Match: anything", Method::Put, {{"If-Match", "*"}}, bare, kGo},
      {"If-Match: anything, but there is nothing", Method::Put, {{"If-Match", "*"}}, nothing, kNo},
      {"If-Match without a tag of ours", Method::Get, {{"If-Match", "\"a\""}}, dated, kNo},
      {"If-Match that is no list", Method::Get, {{"If-Match", "a"}}, both, kNo},
      {"a star is no member of a list", Method::Get, {{"If-Match", "\"x\", *"}}, both, kNo},
      {"If-Match outdoes If-Unmodified-Since",
       Method::Get,
       {{"If-Match", "\"a\""}, {"If-Unmodified-Since", kBefore}},
       both,
       kGo},

      {"If-Unmodified-Since, and it is not",
       Method::Get,
       {{"If-Unmodified-Since", kSame}},
       both,
       kGo},
      {"If-Unmodified-Since, and it is",
       Method::Get,
       {{"If-Unmodified-Since", kBefore}},
       both,
       kNo},
      {"If-Unmodified-Since of nothing known",
       Method::Get,
       {{"If-Unmodified-Since", kBefore}},
       bare,
       kGo},
      {"If-Unmodified-Since that is no date",
       Method::Get,
       {{"If-Unmodified-Since", "then"}},
       both,
       kGo},

      {"If-None-Match fits", Method::Get, {{"If-None-Match", "\"a\""}}, both, kOld},
      {"If-None-Match fits a HEAD", Method::Head, {{"If-None-Match", "\"a\""}}, both, kOld},
      {"If-None-Match fits a PUT", Method::Put, {{"If-None-Match", "\"a\""}}, both, kNo},
      {"If-None-Match is weak: the client's",
       Method::Get,
       {{"If-None-Match", "W/\"a\""}},
       both,
       kOld},
      {"If-None-Match is weak: ours", Method::Get, {{"If-None-Match", "\"a\""}}, weak, kOld},
      {"If-None-Match does not fit", Method::Get, {{"If-None-Match", "\"b\", \"c\""}}, both, kGo},
      {"If-None-Match: a comma in a tag", Method::Get, {{"If-None-Match", "\"x,\"a\""}}, both, kGo},
      {"If-None-Match: anything", Method::Get, {{"If-None-Match", "*"}}, bare, kOld},
      {"If-None-Match: anything, to create", Method::Put, {{"If-None-Match", "*"}}, nothing, kGo},
      {"If-None-Match: anything, but it is there",
       Method::Put,
       {{"If-None-Match", "*"}},
       bare,
       kNo},
      {"If-None-Match outdoes If-Modified-Since",
       Method::Get,
       {{"If-None-Match", "\"b\""}, {"If-Modified-Since", kLater}},
       both,
       kGo},

      {"If-Modified-Since the same second",
       Method::Get,
       {{"If-Modified-Since", kSame}},
       both,
       kOld},
      {"If-Modified-Since later", Method::Get, {{"If-Modified-Since", kLater}}, both, kOld},
      {"If-Modified-Since before", Method::Get, {{"If-Modified-Since", kBefore}}, both, kGo},
      {"If-Modified-Since is for reading", Method::Post, {{"If-Modified-Since", kSame}}, both, kGo},
      {"If-Modified-Since twice",
       Method::Get,
       {{"If-Modified-Since", kSame}, {"If-Modified-Since", kSame}},
       both,
       kGo},

      {"step 1 before step 3",
       Method::Get,
       {{"If-None-Match", "\"a\""}, {"If-Match", "\"b\""}},
       both,
       kNo},
      {"step 2 before step 4",
       Method::Get,
       {{"If-Modified-Since", kLater}, {"If-Unmodified-Since", kBefore}},
       both,
       kNo},
      {"step 1, then step 3",
       Method::Get,
       {{"If-Match", "\"a\""}, {"If-None-Match", "\"a\""}},
       both,
       kOld},
      {"OPTIONS has no conditions", Method::Options, {{"If-Match", "\"b\""}}, both, kGo},
  };
  for (const auto& row : rows)
    EXPECT_EQ(evaluate(row.method, row.fields, row.validators, kNow), row.expected) << row.name;
}

TEST(Conditional, IfRangeComparesStronglyOnly) {
  const Validators both{.etag = "\"a\"", .last_modified = kModified};
  const Validators weak{.etag = "W/\"a\"", .last_modified = kModified};
  EXPECT_TRUE(range_applies({}, both, kNow));
  struct {
    const char* value;
    const Validators& validators;
    bool expected;
  } const rows[] = {
      {"\"a\"", both, true},         {"\"b\"", both, false}, {"W/\"a\"", both, false},
      {"\"a\"", weak, false},        {kSame, both, true},    {kBefore, both, false},
      {kLater, both, false},  // an exact match, not an order (13.1.5)
      {"\"a\", \"b\"", both, false}, {"*", both, false},     {"", both, false},
  };
  for (const auto& row : rows) {
    const Fields fields = {{"If-Range", row.value}};
    EXPECT_EQ(range_applies(fields, row.validators, kNow), row.expected) << row.value;
  }
  const Fields date = {{"If-Range", kSame}};
  EXPECT_FALSE(range_applies(date, both, kModified)) << "it may still change within this second";
  EXPECT_FALSE(range_applies(date, Validators{}, kNow));
}

}  // namespace
}  // namespace tollgate::http
