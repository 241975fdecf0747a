// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/etag.h"

#include <gtest/gtest.h>

#include "server/http/conditional.h"
#include "tests/server/middleware/exchange_of.h"

namespace tollgate::middleware {
namespace {

using http::Method;
using http::Response;

Response finished(Response response, std::initializer_list<http::FieldView> fields = {},
                  Method method = Method::Get, Behind behind = Behind::Nothing) {
  static const SystemClock clock;
  const auto exchange = exchange_of(fields, method);
  make_etag(clock, behind)(http::Request(exchange->request), response);
  return response;
}

TEST(ETag, IsTheContents) {
  const std::string tag = http::etag_of("hello");
  EXPECT_EQ(tag.size(), 34U);
  EXPECT_EQ(field_of(finished(http::text("hello")), "ETag"), tag);
  EXPECT_EQ(field_of(finished(http::text("hello"), {}, Method::Head), "ETag"), tag);
  EXPECT_NE(http::etag_of("hello"), http::etag_of("hellp"));
  // The same on every machine, for ever.
  EXPECT_EQ(http::etag_of(""), http::etag_of(std::string()));
}

TEST(ETag, IsGivenToWhatCanBeAskedForAgain) {
  EXPECT_EQ(field_of(finished(http::text("x"), {}, Method::Post), "ETag"), "");
  EXPECT_EQ(field_of(finished(http::text("x", 404)), "ETag"), "");
  EXPECT_EQ(field_of(finished(http::text("x", 206)), "ETag"), "");
  EXPECT_EQ(field_of(finished(http::stream("text/plain", http::Generator())), "ETag"), "");
  EXPECT_EQ(field_of(finished(http::text(std::string(kMostToHash + 1, 'x'))), "ETag"), "");
  EXPECT_EQ(field_of(finished(http::text("x").set_header("ETag", "\"mine\"")), "ETag"), "\"mine\"");
}

TEST(ETag, AnswersWhatTheClientAsks) {
  const std::string tag = http::etag_of("hello");
  const std::string weak = "W/" + tag;
  const std::string several = "\"a\", " + tag;
  const struct {
    http::FieldView field;
    int status;
  } cases[] = {
      {{"If-None-Match", tag}, 304},     {{"If-None-Match", weak}, 304},
      {{"If-None-Match", several}, 304}, {{"If-None-Match", "*"}, 304},
      {{"If-None-Match", "\"a\""}, 200}, {{"If-Match", tag}, 200},
      {{"If-Match", weak}, 412},         {{"If-Match", "\"a\""}, 412},
      {{"If-Match", "*"}, 200},
  };
  for (const auto& c : cases)
    EXPECT_EQ(finished(http::text("hello"), {c.field}).status(), c.status)
        << c.field.name << ": " << c.field.value;
}

TEST(ETag, AHandlersLastModifiedCounts) {
  const auto since = [](const char* date) {
    return finished(http::text("x").set_header("Last-Modified", "Sun, 22 Nov 2026 10:00:00 GMT"),
                    {{"If-Modified-Since", date}})
        .status();
  };
  EXPECT_EQ(since("Sun, 22 Nov 2026 10:00:00 GMT"), 304);
  EXPECT_EQ(since("Sun, 22 Nov 2026 09:59:59 GMT"), 200);
}

TEST(ETag, A304SaysWhatThe200WouldHaveSaid) {
  const std::string body(5000, 'x');
  const std::string tag = http::etag_of(body);
  const Response response = finished(
      http::text(body).set_header("Cache-Control", "max-age=60").set_header("Set-Cookie", "a=b"),
      {{"If-None-Match", tag}, {"Accept-Encoding", "gzip"}}, Method::Get, Behind::Compression);
  EXPECT_EQ(response.status(), 304);
  EXPECT_EQ(field_of(response, "ETag"), "W/" + tag);
  EXPECT_EQ(field_of(response, "Vary"), "Accept-Encoding");
  EXPECT_EQ(field_of(response, "Cache-Control"), "max-age=60");
  EXPECT_EQ(field_of(response, "Set-Cookie"), "a=b");
  EXPECT_EQ(field_of(response, "Content-Type"), "");
  EXPECT_EQ(response.body(), "");
}

}  // namespace
}  // namespace tollgate::middleware
