// SPDX-License-Identifier: Apache-2.0
#include "server/http/form.h"

#include <gtest/gtest.h>

namespace tollgate::http {
namespace {

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

TEST(Form, HasPairsInTheirOrder) {
  const auto fields = parse_urlencoded("a=1+2&&b=%41%4&c&=d");
  ASSERT_TRUE(fields);
  std::string text;
  for (const FormField& field : *fields) text += field.name + ":" + field.value + ";";
  EXPECT_EQ(text, "a:1 2;b:A%4;c:;:d;");
}

TEST(Form, HasAtMostAThousandFields) {
  const std::string type = "multipart/form-data; boundary=x";
  EXPECT_EQ(parse_urlencoded(urlencoded(1000))->size(), 1000u);
  EXPECT_EQ(parse_multipart(type, multipart(1000))->size(), 1000u);
  for (const auto& refused :
       {parse_urlencoded(urlencoded(1001)), parse_multipart(type, multipart(1001))}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::InvalidArgument);
  }
}

}  // namespace
}  // namespace tollgate::http
