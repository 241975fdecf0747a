// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/drf_rendering.h"

#include <gtest/gtest.h>

#include "tests/server/middleware/exchange_of.h"

namespace tollgate::middleware {
namespace {

http::Response finished(http::Response response, std::string_view accept) {
  const auto exchange = exchange_of({{.name = "Accept", .value = accept}});
  drf_rendering()(http::Request(exchange->request), response);
  return response;
}

http::Response answer(std::string json = R"({"a":[1]})") {
  return http::json_text(std::move(json)).set_header("Allow", "GET, HEAD, OPTIONS");
}

TEST(IndentJson, IsPythons) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"{}", "{}"},
      {"[]", "[]"},
      {"5", "5"},
      {R"({"a":{},"b":[]})", "{\n  \"a\": {},\n  \"b\": []\n}"},
      {R"(["x,:{[\"]}\\",null])", "[\n  \"x,:{[\\\"]}\\\\\",\n  null\n]"},
      {R"({"a":[1,{"b":2}]})", "{\n  \"a\": [\n    1,\n    {\n      \"b\": 2\n    }\n  ]\n}"},
  };
  for (const auto& [json, indented] : rows) EXPECT_EQ(indent_json(json, 2), indented);
  EXPECT_TRUE(indent_json(std::string(32, '[') + std::string(32, ']'), 1));
  EXPECT_FALSE(indent_json(std::string(33, '[') + std::string(33, ']'), 1));
}

TEST(DrfRendering, IndentsWhereAcceptSaysSo) {
  EXPECT_EQ(finished(answer(), "application/json; indent=1").body(), "{\n \"a\": [\n  1\n ]\n}");
  EXPECT_EQ(finished(answer("[1]"), "text/html, Application/JSON;indent=99").body(),
            "[\n        1\n]");
  for (const std::string_view accept : {"*/*", "application/json", "application/json; indent=0",
                                        "application/json; indent=x", "text/html; indent=4"})
    EXPECT_EQ(finished(answer(), accept).body(), R"({"a":[1]})") << accept;
}

TEST(DrfRendering, SaysThatAViewDependsOnAccept) {
  EXPECT_EQ(field_of(finished(answer(), "*/*"), "Vary"), "Accept");
  EXPECT_EQ(finished(http::detail(404, "Not found."), "*/*").header("Vary"), nullptr);
}

}  // namespace
}  // namespace tollgate::middleware
