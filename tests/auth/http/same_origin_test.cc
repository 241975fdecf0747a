// SPDX-License-Identifier: Apache-2.0
#include "auth/http/same_origin.h"

#include <gtest/gtest.h>

namespace tollgate::auth {
namespace {

using http::FieldView;
using http::Method;

TEST(FindCookie, FindsTheFirstOfThatName) {
  const std::vector<FieldView> fields = {{"Host", "a"},
                                         {"Cookie", "a=1; token=x.y.z;b=\"quoted\" ; c="},
                                         {"cookie", "token=second; d=4"}};
  EXPECT_EQ(find_cookie(fields, "a"), "1");
  EXPECT_EQ(find_cookie(fields, "token"), "x.y.z");
  EXPECT_EQ(find_cookie(fields, "b"), "quoted");
  EXPECT_EQ(find_cookie(fields, "d"), "4");
  for (const char* name : {"c", "Token", "oken", "", "host"})
    EXPECT_FALSE(find_cookie(fields, name)) << name;
}

TEST(CsrfFailure, IsThatOfAPageOfAnotherOrigin) {
  const struct {
    const char* what;
    std::vector<FieldView> fields;
    bool fails;
    Method method = Method::Post;
    const char* scheme = "https";
  } rows[] = {
      {"a safe method", {{"Origin", "https://evil.example"}}, false, Method::Get},
      {"nothing is said", {{"Host", "a.example"}}, true},
      {"this origin", {{"Host", "a.example"}, {"Origin", "https://a.example"}}, false},
      {"its own port", {{"Host", "a.example:443"}, {"Origin", "https://a.example"}}, false},
      {"another's port", {{"Host", "a.example:80"}, {"Origin", "https://a.example"}}, true},
      {"another port", {{"Host", "a.example"}, {"Origin", "https://a.example:8443"}}, true},
      {"another scheme", {{"Host", "a.example"}, {"Origin", "http://a.example"}}, true},
      {"a prefix", {{"Host", "a.example"}, {"Origin", "https://a.example.evil.example"}}, true},
      {"opaque", {{"Host", "a.example"}, {"Origin", "null"}}, true},
      {"no Host", {{"Origin", "https://"}}, true},
      {"the browser says so", {{"Sec-Fetch-Site", "same-origin"}}, false},
      {"the user did it", {{"Sec-Fetch-Site", "none"}}, false},
      {"a sister's page", {{"Sec-Fetch-Site", "same-site"}}, true, Method::Delete},
  };
  for (const auto& row : rows) {
    http::RequestParts request;
    request.method = row.method;
    request.scheme = row.scheme;
    request.fields = row.fields;
    EXPECT_EQ(csrf_failure(request).has_value(), row.fails) << row.what;
  }
}

}  // namespace
}  // namespace tollgate::auth
