// SPDX-License-Identifier: Apache-2.0
#include "server/http/form.h"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>

namespace tollgate::http {

bool operator==(const FormField& a, const FormField& b) {
  return a.name == b.name && a.value == b.value;
}
std::ostream& operator<<(std::ostream& out, const FormField& field) {
  return out << field.name << "=" << field.value;
}
bool operator==(const UploadedFile& a, const UploadedFile& b) {
  return a.name == b.name && a.file_name == b.file_name && a.content_type == b.content_type &&
         a.content == b.content;
}
std::ostream& operator<<(std::ostream& out, const UploadedFile& file) {
  return out << file.name << "=" << file.content << " (" << file.file_name << ", "
             << file.content_type << ")";
}

namespace {

using Fields = std::vector<FormField>;
using Files = std::vector<UploadedFile>;

struct UrlCase {
  const char* name;
  std::string body;
  Fields fields;
};
std::ostream& operator<<(std::ostream& out, const UrlCase& c) { return out << c.name; }

class Urlencoded : public testing::TestWithParam<UrlCase> {};

TEST_P(Urlencoded, IsRead) {
  const auto fields = parse_urlencoded(GetParam().body);
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->fields, GetParam().fields);
  EXPECT_TRUE(fields->files.empty());
}

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
                    UrlCase{"ANul", "a=%00b", {{"a", std::string_view("\0b", 2)}}},
                    UrlCase{"BadEscapesStandForThemselves",
                            "a=%&b=%4&c=%zz%4z",
                            {{"a", "%"}, {"b", "%4"}, {"c", "%zz%4z"}}}),
    [](const auto& test) { return std::string(test.param.name); });

struct MultipartCase {
  const char* name;
  std::string content_type;
  std::string body;
  std::optional<Fields> fields;  // none: an error
  Files files = {};
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
  EXPECT_EQ(fields->fields, *GetParam().fields);
  EXPECT_EQ(fields->files, GetParam().files);
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
        MultipartCase{"AFile",
                      kType,
                      part("name=\"f\"; filename=\"x y.txt\"", "data") + "--XX--\r\n",
                      Fields{},
                      {{"f", "x y.txt", "", "data"}}},
        MultipartCase{"ASemicolonInQuotes",
                      kType,
                      part("name=\"a;b\"; filename=\"c;d=e\"", "") + "--XX--",
                      Fields{},
                      {{"a;b", "c;d=e", "", ""}}},
        MultipartCase{"AnEscapedQuote", kType, part("name=\"a\\\"b\"", "1") + "--XX--",
                      Fields{{"a\"b", "1"}}},
        MultipartCase{"AnEmptyValue", kType, part("name=a", "") + "--XX--", Fields{{"a", ""}}},
        MultipartCase{"LineEndsAndDashesInAValue", kType,
                      part("name=a", "x\r\n--X\r\n--\r\n") + "--XX--",
                      Fields{{"a", "x\r\n--X\r\n--\r\n"}}},
        MultipartCase{"AnyBytes", kType, part("name=a", std::string("\0\xFF\n\r", 4)) + "--XX--",
                      Fields{{"a", std::string_view("\0\xFF\n\r", 4)}}},
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
        MultipartCase{"ALongerBoundaryInAValue", kType,
                      part("name=a", "1\r\n--XXY\r\n\r\n--XX-\r\n--XX \tz\r\n--XX\n") + "--XX--",
                      Fields{{"a", "1\r\n--XXY\r\n\r\n--XX-\r\n--XX \tz\r\n--XX\n"}}},
        MultipartCase{"ALongerBoundaryInThePreamble", kType,
                      "--XXY\r\n" + part("name=a", "1") + "--XX--", Fields{{"a", "1"}}},
        MultipartCase{"PaddingBehindTheBoundary", kType,
                      "--XX \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XX\t\r\n"
                      "Content-Disposition: form-data; name=b\r\n\r\n2\r\n--XX-- \r\n",
                      Fields{{"a", "1"}, {"b", "2"}}},
        MultipartCase{"OnlyALongerEnd", kType, part("name=a", "1") + "--XXY--", {}},
        MultipartCase{"APartWithoutAHead", kType, "--XX\r\nhello\r\n--XX--", {}},
        MultipartCase{"APartWithoutAName", kType, part("filename=x", "1") + "--XX--", {}},
        MultipartCase{"APartWithoutADisposition", kType, "--XX\r\nX: y\r\n\r\n1\r\n--XX--", {}}),
    [](const auto& test) { return std::string(test.param.name); });

std::string file(std::string_view parameters) {
  return part("name=f; " + std::string(parameters), "x") + "--XX--";
}

struct FileNameCase {
  const char* sent;
  std::optional<std::string> file_name;  // none: refused
};

TEST(UploadedFile, HasANameWithoutFolders) {
  const FileNameCase cases[] = {
      {"filename=a.txt", "a.txt"},
      {R"(filename="a b.txt")", "a b.txt"},
      {R"(filename="a\"b.txt")", "a\"b.txt"},
      {R"(filename="C:\Users\me\a.txt")", "a.txt"},
      {R"(filename="../../etc/passwd")", "passwd"},
      {R"(filename="/etc/passwd")", "passwd"},
      {"filename=\"\xC3\xA4.txt\"", "\xC3\xA4.txt"},
      {"filename=x; filename*=UTF-8''%c3%A4%20b.txt", "\xC3\xA4 b.txt"},
      {"filename*=utf-8'de'a.txt; filename=x", "a.txt"},
      {"filename*=UTF-8''..%2F..%5Ca.txt", "a.txt"},
      {"filename*=UTF-8''a%2", std::nullopt},
      {"filename*=UTF-8''a%zz", std::nullopt},
      {"filename*=ISO-8859-1''a", std::nullopt},
      {"filename*=a.txt", std::nullopt},
      {"filename=..", std::nullopt},
      {"filename=.", std::nullopt},
      {"filename=a/", std::nullopt},
      {"filename=\"a\tb\"", std::nullopt},
      {"filename*=UTF-8''a%00.txt", std::nullopt},
      {"filename*=UTF-8''a%0D%0Ab", std::nullopt},
      {"filename=\"\xE4.txt\"", std::nullopt},
  };
  for (const auto& row : cases) {
    SCOPED_TRACE(row.sent);
    const std::string body = file(row.sent);
    const auto form = parse_multipart(kType, body);
    ASSERT_EQ(form.has_value(), row.file_name.has_value());
    if (!form) continue;
    ASSERT_EQ(form->files.size(), 1U);
    EXPECT_EQ(form->files[0].file_name, *row.file_name);
    EXPECT_TRUE(form->fields.empty());
  }
}

TEST(UploadedFile, ThatNobodyHasChosenIsLeftOut) {
  const std::string body = file("filename=\"\"");
  const auto form = parse_multipart(kType, body);
  ASSERT_TRUE(form);
  EXPECT_TRUE(form->files.empty());
  EXPECT_TRUE(form->fields.empty());
}

TEST(UploadedFile, IsAViewIntoTheBody) {
  const std::string body =
      "--XX\r\nContent-Disposition: form-data; name=f; filename=a\r\nContent-Type: image/png\r\n"
      "\r\n" +
      std::string(100000, 'x') + "\r\n" + part("name=a", "1") + "--XX--";
  auto parsed = parse_multipart(kType, body);
  ASSERT_TRUE(parsed);
  const Form form = *std::move(parsed);  // and it may be moved
  const UploadedFile* const found = form.file("f");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->content_type, "image/png");
  EXPECT_EQ(found->content, std::string(100000, 'x'));
  EXPECT_EQ(found->content.data(), body.data() + body.find("xxx"));
  EXPECT_EQ(form.field("a"), "1");
  EXPECT_EQ(form.field("b"), std::nullopt);
  EXPECT_EQ(form.file("a"), nullptr);
}

TEST(MultipartBody, HasSmallHeadsAndNoCodedParts) {
  const auto with = [](const std::string& fields) {
    return parse_multipart(kType, "--XX\r\nContent-Disposition: form-data; name=a\r\n" + fields +
                                      "\r\n1\r\n--XX--")
        .has_value();
  };
  EXPECT_TRUE(with("X: " + std::string(8000, 'x') + "\r\n"));
  EXPECT_FALSE(with("X: " + std::string(8192, 'x') + "\r\n"));
  EXPECT_TRUE(with("Content-Transfer-Encoding: binary\r\n"));
  EXPECT_FALSE(with("Content-Transfer-Encoding: base64\r\n"));
}

TEST(MultipartBody, HasNotEndlesslyManyParts) {
  std::string body;
  for (int i = 0; i < 1000; ++i) body += part("name=a", "1");
  ASSERT_TRUE(parse_multipart(kType, body + "--XX--"));
  EXPECT_FALSE(parse_multipart(kType, body + part("name=a", "1") + "--XX--"));
}

std::string urlencoded(int count) {
  std::string body;
  for (int i = 0; i < count; ++i) body += "a" + std::to_string(i) + "=1&";
  return body;
}

std::string multipart(int count) {
  std::string body;
  for (int i = 0; i < count; ++i)
    body += "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n";
  return body + "--x--\r\n";
}

TEST(Form, HasAtMostAThousandFields) {
  const std::string type = "multipart/form-data; boundary=x";
  EXPECT_EQ(parse_urlencoded(urlencoded(1000))->fields.size(), 1000u);
  EXPECT_EQ(parse_multipart(type, multipart(1000))->fields.size(), 1000u);
  for (const bool parts : {false, true}) {
    const auto refused =
        parts ? parse_multipart(type, multipart(1001)) : parse_urlencoded(urlencoded(1001));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::InvalidArgument);
  }
}

}  // namespace
}  // namespace tollgate::http
