// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/cors.h"

#include <gtest/gtest.h>

#include "tests/server/middleware/exchange_of.h"

namespace tollgate::middleware {
namespace {

using http::Request;
using http::Response;

constexpr const char* kOrigin = "https://a.example";

CorsSteps made(Cors policy) {
  auto steps = make_cors(std::move(policy));
  EXPECT_TRUE(steps) << steps.error().message;
  return *std::move(steps);
}

Response finished(const CorsSteps& steps, std::string_view origin, Response response = Response()) {
  const auto exchange = origin.empty() ? exchange_of({}) : exchange_of({{"Origin", origin}});
  steps.finisher(Request(exchange->request), response);
  return response;
}

TEST(Cors, AnOriginIsAllowedAsItStandsThere) {
  const CorsSteps steps = made({.allowed_origins = {kOrigin, "http://localhost:3000"}});
  const std::pair<const char*, bool> cases[] = {
      {kOrigin, true},
      {"http://localhost:3000", true},
      {"http://a.example", false},
      {"https://a.example:8443", false},
      {"https://b.a.example", false},
      {"https://a.example.evil.example", false},
      {"https://A.example", false},
      {"null", false},
      {"*", false},
      {"", false},
  };
  for (const auto& [origin, allowed] : cases) {
    const Response response = finished(steps, origin);
    EXPECT_EQ(field_of(response, "Access-Control-Allow-Origin"), allowed ? origin : "") << origin;
    EXPECT_EQ(field_of(response, "Vary"), "Origin") << origin;
    EXPECT_EQ(field_of(response, "Access-Control-Allow-Credentials"), "");
  }
}

TEST(Cors, WhatABrowserWritesIsAnOrigin) {
  for (const char* origin : {"https://a.example:80", "http://a.example:443", "http://[::1]",
                             "http://[::1]:3000", "null", "moz-extension://0a1b-2c"})
    EXPECT_EQ(field_of(finished(made({.allowed_origins = {origin}}), origin),
                       "Access-Control-Allow-Origin"),
              origin);
}

TEST(Cors, AnyOriginIsSaidWithAStarAndDoesNotVary) {
  const CorsSteps steps = made({.allowed_origins = {"*"}, .expose_headers = {"X-A", "X-B"}});
  const Response response = finished(steps, "https://whoever.example");
  EXPECT_EQ(field_of(response, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(field_of(response, "Access-Control-Expose-Headers"), "X-A, X-B");
  EXPECT_EQ(field_of(response, "Vary"), "");
  EXPECT_EQ(field_of(finished(steps, ""), "Access-Control-Allow-Origin"), "");
}

TEST(Cors, CredentialsAreAllowedToThoseWhoMayRead) {
  const CorsSteps steps = made({.allowed_origins = {kOrigin}, .allow_credentials = true});
  EXPECT_EQ(field_of(finished(steps, kOrigin), "Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(field_of(finished(steps, "https://b.example"), "Access-Control-Allow-Credentials"), "");
}

TEST(Cors, WhatAHandlerSaysItselfStays) {
  const CorsSteps steps = made({.allowed_origins = {kOrigin}});
  const Response response = finished(
      steps, kOrigin,
      Response().set_header("Access-Control-Allow-Origin", "*").set_header("Vary", "Cookie"));
  EXPECT_EQ(field_of(response, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(field_of(response, "Vary"), "Cookie, Origin");
}

TEST(Cors, APreflightIsToldWhatIsAllowed) {
  const CorsSteps steps = made({.allowed_origins = {kOrigin},
                                .allow_methods = {"GET", "PUT"},
                                .allow_headers = {"authorization"},
                                .preflight_max_age = std::chrono::seconds(600)});
  const auto ask = [&](const char* origin) {
    const auto exchange = exchange_of({{"Origin", origin}}, http::Method::Options);
    return steps.preflight(Request(exchange->request));
  };
  const Response yes = ask(kOrigin);
  EXPECT_EQ(yes.status(), 204);
  EXPECT_EQ(field_of(yes, "Access-Control-Allow-Methods"), "GET, PUT");
  EXPECT_EQ(field_of(yes, "Access-Control-Allow-Headers"), "authorization");
  EXPECT_EQ(field_of(yes, "Access-Control-Max-Age"), "600");
  const Response no = ask("https://b.example");
  EXPECT_EQ(no.status(), 204);
  EXPECT_EQ(field_of(no, "Access-Control-Allow-Methods"), "");
  EXPECT_EQ(field_of(no, "Access-Control-Max-Age"), "");
}

TEST(Cors, WhatCannotBeIsRefusedWithASentence) {
  const std::pair<Cors, const char*> cases[] = {
      {{.allowed_origins = {}}, "allowed_origins is empty"},
      {{.allowed_origins = {"*"}, .allow_credentials = true}, "\"*\" cannot go together"},
      {{.allowed_origins = {kOrigin}, .allow_headers = {"*"}, .allow_credentials = true},
       "\"*\" cannot go together"},
      {{.allowed_origins = {"a.example"}}, "\"a.example\" is no origin"},
      {{.allowed_origins = {"https://a.example/"}}, "is no origin"},
      {{.allowed_origins = {"https://A.example"}}, "in lower case"},
      {{.allowed_origins = {"https://"}}, "is no origin"},
      {{.allowed_origins = {"https://a.example\r\nX: y"}}, "is no origin"},
      {{.allowed_origins = {"https://*.a.example"}}, "is no origin"},
      {{.allowed_origins = {"*://a.example"}}, "is no origin"},
      {{.allowed_origins = {"https://user@a.example"}}, "is no origin"},
      {{.allowed_origins = {"https://user:1@a.example"}}, "is no origin"},
      {{.allowed_origins = {"https://a.example:443"}}, "only where it is not the scheme's"},
      {{.allowed_origins = {"http://a.example:80"}}, "only where it is not the scheme's"},
      {{.allowed_origins = {"http://[::1]:80"}}, "only where it is not the scheme's"},
      {{.allowed_origins = {"https://a.example:"}}, "is no origin"},
      {{.allowed_origins = {"https://a.example:x"}}, "is no origin"},
      {{.allowed_origins = {"https://a.example:0443"}}, "is no origin"},
      {{.allowed_origins = {"https://a.example:65536"}}, "is no origin"},
      {{.allowed_origins = {"https://a.example:8443:1"}}, "is no origin"},
      {{.allowed_origins = {kOrigin, "null"}, .allow_credentials = true},
       "\"null\" cannot go together with allow_credentials: any page"},
      {{.allowed_origins = {kOrigin}, .allow_methods = {"GET, PUT"}}, "in allow_methods"},
      {{.allowed_origins = {kOrigin}, .expose_headers = {"X\r\n"}}, "in expose_headers"},
  };
  for (const auto& [policy, sentence] : cases) {
    const auto steps = make_cors(policy);
    ASSERT_FALSE(steps) << sentence;
    EXPECT_EQ(steps.error().code, Errc::InvalidArgument);
    EXPECT_NE(steps.error().message.find(sentence), std::string::npos) << steps.error().message;
  }
}

}  // namespace
}  // namespace tollgate::middleware
