// SPDX-License-Identifier: Apache-2.0
#include "server/base/text.h"

#include <gtest/gtest.h>

namespace tollgate {
namespace {

TEST(Text, TrimTakesOnlyHttpWhiteSpace) {
  EXPECT_EQ(trim(" \t a b\t"), "a b");
  EXPECT_EQ(trim("\r\na"), "\r\na");
  EXPECT_EQ(trim(" \t "), "");
}

TEST(Text, SplitKeepsEmptyPieces) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
}

TEST(Text, ParseUintTakesDigitsAndNothingElse) {
  EXPECT_EQ(*parse_uint("0"), 0u);
  EXPECT_EQ(*parse_uint("18446744073709551615"), UINT64_MAX);
  for (const char* bad : {"", "+1", "-1", " 1", "1 ", "0x10", "1e3", "18446744073709551616"})
    EXPECT_FALSE(parse_uint(bad)) << bad;
  EXPECT_FALSE(parse_uint("256", 255));
}

TEST(Text, Utf8RefusesOverlongFormsSurrogatesAndWhatIsCutOff) {
  EXPECT_TRUE(is_utf8("plain \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"));
  for (const char* bad :
       {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\xFF", "\x80"})
    EXPECT_FALSE(is_utf8(bad)) << bad;
}

TEST(Text, EditDistanceCountsSingleEdits) {
  EXPECT_EQ(edit_distance("worker", "workers"), 1u);
  EXPECT_EQ(edit_distance("wrokers", "workers"), 2u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
}

TEST(JsonQuote, EscapesWhatAStringMayNotHold) {
  EXPECT_EQ(json_quote(""), "\"\"");
  EXPECT_EQ(json_quote("a\"b\\c\n\x01 \xC3\xA9"), "\"a\\\"b\\\\c\\n\\u0001 \xC3\xA9\"");
  EXPECT_EQ(json_quote("\xFF."), "\"\xEF\xBF\xBD.\"");
}

TEST(HexValue, IsThatOfADigitOrNone) {
  EXPECT_EQ(hex_value('0'), 0);
  EXPECT_EQ(hex_value('f'), 15);
  EXPECT_EQ(hex_value('A'), 10);
  for (const char c : {'g', '/', ':', '@', '`', ' ', '\0'}) EXPECT_EQ(hex_value(c), -1);
}

TEST(Text, APathIsEncodedAsAUrlHasIt) {
  const std::pair<std::string_view, const char*> cases[] = {
      {"/a/B9-._~", "/a/B9-._~"},   {"/!$&'()*+,;=:@", "/!$&'()*+,;=:@"},
      {"/a b", "/a%20b"},           {"/\\evil", "/%5Cevil"},
      {"/100%?#", "/100%25%3F%23"}, {"/\r\n\"<>", "/%0D%0A%22%3C%3E"},
      {"/\xC3\xA4", "/%C3%A4"},     {"", ""},
  };
  for (const auto& [path, url] : cases) EXPECT_EQ(percent_encode_path(path), url);
}

}  // namespace
}  // namespace tollgate
