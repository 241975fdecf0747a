// SPDX-License-Identifier: Apache-2.0
#include "server/http/form.h"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>

namespace tollgate::http {

bool operator==(const FormField& a, const FormField& b) {
  return a.name == b.name && a.value == b.value && a.file_name == b.file_name;
}
std::ostream& operator<<(std::ostream& out, const FormField& field) {
  return out << field.name << "=" << field.value << " (" << field.file_name << ")";
}

namespace {

using Fields = std::vector<FormField>;

struct UrlCase {
  const char* name;
  std::string body;
  Fields fields;
};
std::ostream& operator<<(std::ostream& out, const UrlCase& c) { return out << c.name; }

class Urlencoded : public testing::TestWithParam<UrlCase> {};

TEST_P(Urlencoded, IsRead) { EXPECT_EQ(parse_urlencoded(GetParam().body), GetParam().fields); }

INSTANTIATE_TEST_SUITE_P(
    , Urlencoded,
    testing::Values(UrlCase{"Empty", "", {}},
                    UrlCase{"Pairs", "a=1&b=2&a=3", {{"a", "1"}, {"b", "2"}, {"a", "3"}}},
                    UrlCase{"EmptyPairsAreNone", "&&a=1&", {{"a", "1"}}},
                    UrlCase{"NoValue", "a&b=&=c", {{"a", ""}, {"b", ""}, {"", "c"}}},
                    UrlCase{"EqualsInTheValue", "a=b=c", {{"a", "b=c"}}},
                    UrlCase{"PlusIsASpace", "a+b=c+%2B", {{"a b", "c +"}}},
                    UrlCase{"Escapes", "%61=%C3%a4%26%3D", {{"a", "\xC3\xA4&="}}},
                    UrlCase{"EscapeAtTheEnd", "a=%41", {{"a", "A"}}},
                    UrlCase{"NotDecodedTwice", "a=%2541", {{"a", "%41"}}},
                    UrlCase{"ANul", "a=%00b", {{"a", std::string("\0b", 2)}}},
                    UrlCase{"BadEscapesStandForThemselves",
                            "a=%&b=%4&c=%zz%4z",
                            {{"a", "%"}, {"b", "%4"}, {"c", "%zz%4z"}}}),
    [](const auto& test) { return std::string(test.param.name); });

struct MultipartCase {
  const char* name;
  std::string content_type;
  std::string body;
  std::optional<Fields> fields;  // none: an error
};
std::ostream& operator<<(std::ostream& out, const MultipartCase& c) { return out << c.name; }

const std::string kType = "multipart/form-data; boundary=XX";
std::string part(std::string_view disposition, std::string_view value) {
  return "--XX\r\nContent-Disposition: form-data; " + std::string(disposition) + "\r\n\r\n" +
         std::string(value) + "\r\n";
}

class Multipart : public testing::TestWithParam<MultipartCase> {};

TEST_P(Multipart, IsRead) {
  const auto fields = parse_multipart(GetParam().content_type, GetParam().body);
  ASSERT_EQ(fields.has_value(), GetParam().fields.has_value());
  if (!fields) {
    EXPECT_EQ(fields.error().code, Errc::InvalidArgument);
    EXPECT_TRUE(fields.error().message.starts_with("Multipart form parse error - "));
    return;
  }
  EXPECT_EQ(*fields, *GetParam().fields);
}

INSTANTIATE_TEST_SUITE_P(
    , Multipart,
    testing::Values(
        MultipartCase{"Fields", kType, part("name=\"a\"", "1") + part("name=b", "2") + "--XX--\r\n",
                      Fields{{"a", "1"}, {"b", "2"}}},
        MultipartCase{"AQuotedBoundary", "multipart/form-data; charset=utf-8; boundary=\"XX\"",
                      part("name=a", "1") + "--XX--", Fields{{"a", "1"}}},
        MultipartCase{"BoundaryInCapitals", "Multipart/Form-Data; BOUNDARY=XX",
                      part("name=a", "1") + "--XX--", Fields{{"a", "1"}}},
        MultipartCase{"AFile", kType,
                      part("name=\"f\"; filename=\"x y.txt\"", "data") + "--XX--\r\n",
                      Fields{{"f", "data", "x y.txt"}}},
        MultipartCase{"ASemicolonInQuotes", kType,
                      part("name=\"a;b\"; filename=\"c;d=e\"", "") + "--XX--",
                      Fields{{"a;b", "", "c;d=e"}}},
        MultipartCase{"AnEscapedQuote", kType, part("name=\"a\\\"b\"", "1") + "--XX--",
                      Fields{{"a\"b", "1"}}},
        MultipartCase{"AnEmptyValue", kType, part("name=a", "") + "--XX--", Fields{{"a", ""}}},
        MultipartCase{"LineEndsAndDashesInAValue", kType,
                      part("name=a", "x\r\n--X\r\n--\r\n") + "--XX--",
                      Fields{{"a", "x\r\n--X\r\n--\r\n"}}},
        MultipartCase{"AnyBytes", kType, part("name=a", std::string("\0\xFF\n\r", 4)) + "--XX--",
                      Fields{{"a", std::string("\0\xFF\n\r", 4)}}},
        MultipartCase{"MoreFieldsOfAPart", kType,
                      "--XX\r\nX: y\r\ncontent-DISPOSITION: form-data; name=a\r\nContent-Type: "
                      "text/plain\r\n\r\n1\r\n--XX--",
                      Fields{{"a", "1"}}},
        MultipartCase{"APreambleAndAnEpilogue", kType,
                      "preamble\r\n" + part("name=a", "1") + "--XX--\r\nepilogue",
                      Fields{{"a", "1"}}},
        MultipartCase{"NoParts", kType, "--XX--\r\n", Fields{}},
        MultipartCase{"AnEmptyBody", kType, "", Fields{}},
        MultipartCase{"NoBoundary", "multipart/form-data", part("name=a", "1") + "--XX--", {}},
        MultipartCase{"AnEmptyBoundary",
                      "multipart/form-data; boundary=",
                      part("name=a", "1") + "--XX--",
                      {}},
        MultipartCase{"ABoundaryThatIsTooLong",
                      "multipart/form-data; boundary=" + std::string(71, 'x'),
                      "",
                      {}},
        MultipartCase{"NoEnd", kType, part("name=a", "1"), {}},
        MultipartCase{"HalfAnEnd", kType, part("name=a", "1") + "--XX", {}},
        MultipartCase{"ADelimiterWithMore", kType, part("name=a", "1") + "--XXY\r\n\r\n--XX--", {}},
        MultipartCase{"APartWithoutAHead", kType, "--XX\r\nhello\r\n--XX--", {}},
        MultipartCase{"APartWithoutAName", kType, part("filename=x", "1") + "--XX--", {}},
        MultipartCase{"APartWithoutADisposition", kType, "--XX\r\nX: y\r\n\r\n1\r\n--XX--", {}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(MultipartBody, HasNotEndlesslyManyParts) {
  std::string body;
  for (int i = 0; i < 1000; ++i) body += part("name=a", "1");
  ASSERT_TRUE(parse_multipart(kType, body + "--XX--"));
  EXPECT_FALSE(parse_multipart(kType, body + part("name=a", "1") + "--XX--"));
}

}  // namespace
}  // namespace tollgate::http
