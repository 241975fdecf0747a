// SPDX-License-Identifier: Apache-2.0
#include "server/routing/pattern.h"

#include <gtest/gtest.h>

#include <ostream>

namespace tollgate::routing {
namespace {

using Kind = Segment::Kind;

std::string shape(const std::vector<Segment>& segments) {
  std::string text;
  for (const Segment& segment : segments) {
    constexpr const char* kKinds[] = {"literal ", "int ", "str ", "path "};
    text += (text.empty() ? "" : ", ") + std::string(kKinds[static_cast<int>(segment.kind)]) +
            segment.text;
  }
  return text;
}

struct Case {
  const char* name;
  const char* pattern;
  const char* segments;  // nullptr: refused
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

class PatternTable : public testing::TestWithParam<Case> {};

TEST_P(PatternTable, IsCompiled) {
  const auto segments = parse_pattern(GetParam().pattern);
  ASSERT_EQ(segments.has_value(), GetParam().segments != nullptr);
  if (segments) {
    EXPECT_EQ(shape(*segments), GetParam().segments);
    return;
  }
  EXPECT_EQ(segments.error().code, Errc::InvalidArgument);
  EXPECT_TRUE(
      segments.error().message.starts_with("route \"" + std::string(GetParam().pattern) + "\": "))
      << segments.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    , PatternTable,
    testing::Values(
        Case{"Root", "/", "literal "}, Case{"Literals", "/a/b.c", "literal a, literal b.c"},
        Case{"ASlashAtTheEnd", "/a/", "literal a, literal "},
        Case{"AnInt", "/notes/{id:int}", "literal notes, int id"},
        Case{"AStr", "/{name}", "str name"},
        Case{"AStrThatSaysSo", "/{name:str}/x", "str name, literal x"},
        Case{"APath", "/static/{rest:path}", "literal static, path rest"},
        Case{"Several", "/{a}/{b_2:int}/{C:path}", "str a, int b_2, path C"},
        Case{"EightParameters", "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}",
             "str a, str b, str c, str d, str e, str f, str g, str h"},
        Case{"NoSlash", "a", nullptr}, Case{"Empty", "", nullptr},
        Case{"AnUnknownType", "/{a:uuid}", nullptr}, Case{"NoName", "/{}", nullptr},
        Case{"OnlyAType", "/{:int}", nullptr}, Case{"NoType", "/{a:}", nullptr},
        Case{"ABadName", "/{a-b}", nullptr}, Case{"TextBeforeAParameter", "/x{a}", nullptr},
        Case{"TextBehindAParameter", "/{a}x", nullptr}, Case{"NoEnd", "/{a", nullptr},
        Case{"NoBeginning", "/a}", nullptr}, Case{"BracesInAParameter", "/{{a}}", nullptr},
        Case{"SomethingBehindAPath", "/{a:path}/b", nullptr},
        Case{"ASlashBehindAPath", "/{a:path}/", nullptr},
        Case{"NineParameters", "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}", nullptr}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Pattern, AnIntIsDigitsThatFit) {
  for (const char* text : {"0", "7", "007", "9223372036854775807"})
    EXPECT_TRUE(accepts(Kind::Int, text)) << text;
  for (const char* text :
       {"", "-1", "+1", " 1", "1 ", "1a", "0x1", "9223372036854775808", "\xD9\xA1"})
    EXPECT_FALSE(accepts(Kind::Int, text)) << text;
}

TEST(Pattern, AStrIsAnythingButNothing) {
  EXPECT_TRUE(accepts(Kind::Str, "-1"));
  EXPECT_TRUE(accepts(Kind::Str, " "));
  EXPECT_FALSE(accepts(Kind::Str, ""));
}

}  // namespace
}  // namespace tollgate::routing
