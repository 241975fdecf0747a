// SPDX-License-Identifier: Apache-2.0
#include "server/http/headers.h"

#include <gtest/gtest.h>

#include <array>

#include "server/http/request.h"

namespace tollgate::http {
namespace {

constexpr std::array kFields = {FieldView{"Host", "a"}, FieldView{"X-A", "1"},
                                FieldView{"x-a", "2"}, FieldView{"Content-Type", ""}};

TEST(Headers, NamesAreComparedWithoutCase) {
  EXPECT_EQ(find_field(kFields, "HOST"), "a");
  EXPECT_EQ(find_field(kFields, "x-A"), "1");
  EXPECT_EQ(count_fields(kFields, "X-a"), 2U);
}

TEST(Headers, AnEmptyFieldIsNotAMissingOne) {
  EXPECT_EQ(find_field(kFields, "content-type"), "");
  EXPECT_EQ(find_field(kFields, "content"), std::nullopt);
  EXPECT_EQ(count_fields(kFields, "content"), 0U);
}

TEST(Headers, ANameIsAToken) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool token = c != '\0' && std::string_view(
                                        "!#$%&'*+-.^_`|~0123456789"
                                        "abcdefghijklmnopqrstuvwxyz"
                                        "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
                                            .find(c) != std::string_view::npos;
    EXPECT_EQ(is_field_name(std::string("a") + c + "b"), token) << byte;
  }
  EXPECT_FALSE(is_field_name(""));
}

TEST(Headers, AValueHoldsNoControls) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool control = (byte < 0x20 && c != '\t') || byte == 0x7F;
    EXPECT_EQ(is_field_value(std::string("a") + c + "b"), !control) << byte;
  }
  EXPECT_TRUE(is_field_value(""));
}

TEST(Headers, AListHoldsItsTokensAndNotTheirParts) {
  EXPECT_TRUE(list_contains("close", "close"));
  EXPECT_TRUE(list_contains(" a ,\tCLOSE\t, b", "close"));
  EXPECT_TRUE(list_contains(",,close", "close"));
  EXPECT_FALSE(list_contains("closed, not-close", "close"));
  EXPECT_FALSE(list_contains("", "close"));
}

TEST(Request, TheMediaTypeIsInLowerCaseAndWithoutParameters) {
  RequestParts parts;
  const Request request(parts);
  EXPECT_EQ(request.media_type(), "");
  parts.fields.push_back({"content-type", "Application/JSON ; charset=utf-8"});
  EXPECT_EQ(request.media_type(), "application/json");
}

TEST(Method, NamesAndMethodsAreEachOthersInverse) {
  for (auto i = static_cast<uint8_t>(Method::Get); i < static_cast<uint8_t>(Method::Other); ++i)
    EXPECT_EQ(parse_method(to_string(Method{i})), Method{i});
  for (const char* name : {"get", "GETT", "PROPFIND", "", "GE"})
    EXPECT_EQ(parse_method(name), Method::Other) << name;
}

TEST(Method, SafeAreThoseOfDrf) {
  for (const Method method : {Method::Get, Method::Head, Method::Options})
    EXPECT_TRUE(is_safe(method));
  for (const Method method : {Method::Post, Method::Put, Method::Patch, Method::Delete,
                              Method::Trace, Method::Connect, Method::Other})
    EXPECT_FALSE(is_safe(method));
}

}  // namespace
}  // namespace tollgate::http
