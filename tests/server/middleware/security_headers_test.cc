// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/security_headers.h"

#include <gtest/gtest.h>

#include "tests/server/middleware/exchange_of.h"

namespace tollgate::middleware {
namespace {

using http::Response;

Response finished(const SecurityHeaders& headers, Response response = Response(),
                  std::string_view scheme = "https") {
  const auto finisher = make_security_headers(headers);
  EXPECT_TRUE(finisher);
  const auto exchange = exchange_of({});
  exchange->request.scheme = scheme;
  (*finisher)(http::Request(exchange->request), response);
  return response;
}

TEST(SecurityHeaders, AreDjangosUnlessToldOtherwise) {
  const Response response = finished({});
  EXPECT_EQ(field_of(response, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(field_of(response, "X-Frame-Options"), "DENY");
  EXPECT_EQ(field_of(response, "Referrer-Policy"), "same-origin");
  EXPECT_EQ(field_of(response, "Cross-Origin-Opener-Policy"), "same-origin");
  EXPECT_EQ(response.fields().size(), 4U);
}

TEST(SecurityHeaders, SayMoreOrLessWhenAsked) {
  const Response response = finished({.content_type_nosniff = false,
                                      .x_frame_options = "",
                                      .referrer_policy = "no-referrer",
                                      .cross_origin_opener_policy = "",
                                      .hsts_seconds = std::chrono::hours(1),
                                      .hsts_include_subdomains = true,
                                      .hsts_preload = true,
                                      .content_security_policy = "default-src 'self'"});
  EXPECT_EQ(field_of(response, "Referrer-Policy"), "no-referrer");
  EXPECT_EQ(field_of(response, "Strict-Transport-Security"),
            "max-age=3600; includeSubDomains; preload");
  EXPECT_EQ(field_of(response, "Content-Security-Policy"), "default-src 'self'");
  EXPECT_EQ(response.fields().size(), 3U);
}

TEST(SecurityHeaders, StrictTransportIsForThoseWhoCameOverIt) {
  const SecurityHeaders headers{.hsts_seconds = std::chrono::hours(1)};
  EXPECT_EQ(field_of(finished(headers, Response(), "http"), "Strict-Transport-Security"), "");
  EXPECT_EQ(field_of(finished(headers), "Strict-Transport-Security"), "max-age=3600");
}

TEST(SecurityHeaders, NeverOverwriteWhatTheHandlerSaid) {
  const Response response = finished({}, Response().set_header("x-frame-options", "SAMEORIGIN"));
  EXPECT_EQ(field_of(response, "X-Frame-Options"), "SAMEORIGIN");
  EXPECT_EQ(response.fields().size(), 4U);
}

TEST(SecurityHeaders, ThatCannotBeSentAreRefused) {
  EXPECT_FALSE(make_security_headers({.content_security_policy = "a\r\nX: y"}));
}

}  // namespace
}  // namespace tollgate::middleware
