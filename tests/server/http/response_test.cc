// Responses and how they stand on the wire.
// SPDX-License-Identifier: Apache-2.0
#include "server/http/response.h"

#include <gtest/gtest.h>

#include "server/http/response_writer.h"
#include "server/http/status.h"

namespace tollgate::http {
namespace {

const Framing kFraming{.date = "DATE"};

std::string head_of(const Response& response, const Framing& framing = kFraming) {
  std::string out = "before";
  write_head(out, response, framing);
  EXPECT_TRUE(out.starts_with("before"));
  return out.substr(6);
}

TEST(ResponseWriter, WritesTheHead) {
  EXPECT_EQ(head_of(text("hello").set_header("X-A", "1")),
            "HTTP/1.1 200 OK\r\nServer: tollgate\r\nDate: DATE\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nX-A: 1\r\nContent-Length: 5\r\n\r\n");
}

TEST(ResponseWriter, SaysTheLengthOfNoBodyToo) {
  EXPECT_EQ(
      head_of(Response(404)),
      "HTTP/1.1 404 Not Found\r\nServer: tollgate\r\nDate: DATE\r\nContent-Length: 0\r\n\r\n");
}

TEST(ResponseWriter, WhatMayHaveNoBodyHasNoLength) {
  for (const int status : {204, 304}) {
    const Response response(status, "text/plain", "an application's mistake");
    EXPECT_EQ(head_of(response).find("Content-Length"), std::string::npos) << status;
    EXPECT_FALSE(body_follows(response, kFraming)) << status;
  }
}

TEST(ResponseWriter, AHeadRequestIsToldTheLengthOfTheBodyItDoesNotGet) {
  const Framing framing{.head_request = true, .date = "DATE"};
  EXPECT_NE(head_of(text("hello"), framing).find("\r\nContent-Length: 5\r\n"), std::string::npos);
  EXPECT_FALSE(body_follows(text("hello"), framing));
  EXPECT_TRUE(body_follows(text("hello"), kFraming));
  EXPECT_FALSE(body_follows(text(""), kFraming));
}

TEST(ResponseWriter, TheConnectionFieldIsSaidOnlyWhereItIsNotTheDefault) {
  struct Case {
    int minor;
    bool keep_alive;
    const char* field;
  };
  for (const Case& c :
       {Case{1, true, ""}, Case{1, false, "\r\nConnection: close"},
        Case{0, true, "\r\nConnection: keep-alive"}, Case{0, false, "\r\nConnection: close"}}) {
    const std::string head =
        head_of(Response(200), {.version_minor = c.minor, .keep_alive = c.keep_alive, .date = "D"});
    EXPECT_EQ(head, "HTTP/1.1 200 OK\r\nServer: tollgate\r\nDate: D\r\nContent-Length: 0" +
                        std::string(c.field) + "\r\n\r\n");
  }
}

TEST(ResponseWriter, FramingIsNotTheApplicationsToWrite) {
  Response response = text("hello");
  for (const char* name : {"content-length", "TRANSFER-ENCODING", "Connection", "date", "Server"})
    response.set_header(name, "evil");
  const std::string head = head_of(response);
  EXPECT_EQ(head.find("evil"), std::string::npos) << head;
  EXPECT_NE(head.find("\r\nContent-Length: 5\r\n"), std::string::npos);
}

TEST(ResponseWriter, WhatWouldSplitTheResponseIsNotWritable) {
  EXPECT_TRUE(is_writable(text("a\r\nb").set_header("X", "a\tb \xC3\xA4")));
  for (const std::string& value : {std::string("a\rb"), std::string("a\nb"), std::string("a\r\nb"),
                                   std::string("a\0b", 3), std::string("a\x7F")})
    EXPECT_FALSE(is_writable(text("x").set_header("X", value))) << value;
  for (const std::string& name :
       {std::string(""), std::string("X\r\nY"), std::string("X Y"), std::string("X:"),
        std::string("X\0", 2), std::string("\xC3\xA4")})
    EXPECT_FALSE(is_writable(text("x").set_header(name, "x"))) << name;
  EXPECT_FALSE(is_writable(Response(200, "text/plain\r\nX: y", "")));
  EXPECT_FALSE(is_writable(redirect("/a\r\nSet-Cookie: b")));
}

TEST(ResponseWriter, AHandlersStatusIsAFinalOne) {
  for (const int status : {200, 204, 299, 304, 404, 418, 599})
    EXPECT_TRUE(is_writable(Response(status))) << status;
  for (const int status : {-1, 0, 100, 101, 199, 600, 1000})
    EXPECT_FALSE(is_writable(Response(status))) << status;
}

TEST(Status, AnUnknownCodeHasAPhraseToo) {
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(299), "Unknown");
  EXPECT_EQ(known_status(404), "404 Not Found");
  for (const int unknown : {0, 99, 299, 600, -1}) EXPECT_EQ(known_status(unknown), "") << unknown;
  EXPECT_EQ(head_of(Response(299)),
            "HTTP/1.1 299 Unknown\r\nServer: tollgate\r\nDate: DATE\r\nContent-Length: 0\r\n\r\n");
}

TEST(Response, SettingAFieldReplacesAllOfThatName) {
  Response response = text("x");
  response.add_header("X-A", "1").add_header("x-a", "2").set_header("X-a", "3");
  EXPECT_EQ(response.fields().size(), 2U);
  ASSERT_NE(response.header("x-A"), nullptr);
  EXPECT_EQ(*response.header("x-A"), "3");
  response.set_header("content-type", "text/css");
  EXPECT_EQ(response.fields().size(), 2U);
}

TEST(Response, AddingAFieldKeepsTheOthers) {
  Response response;
  response.add_header("Set-Cookie", "a=1").add_header("Set-Cookie", "b=2");
  EXPECT_EQ(response.fields().size(), 2U);
  EXPECT_EQ(*response.header("set-cookie"), "a=1");
  EXPECT_EQ(response.header("x"), nullptr);
}

TEST(Response, TheShortFormsSayTheirType) {
  EXPECT_EQ(*text("").header("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(*html("").header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(*json_text("{}").header("content-type"), "application/json");
  EXPECT_EQ(no_content().status(), 204);
  EXPECT_EQ(redirect("/a").status(), 302);
  EXPECT_EQ(*redirect("/a", 308).header("location"), "/a");
}

TEST(Response, ADetailIsDrfs) {
  EXPECT_EQ(detail(403, "You \"may\" not.").body(), R"({"detail":"You \"may\" not."})");
}

TEST(Response, AnErrorOfTheClientIsExplainedAndOneOfOursIsNot) {
  struct Case {
    Errc code;
    int status;
  };
  for (const Case& c :
       {Case{Errc::InvalidArgument, 400}, Case{Errc::Unauthenticated, 401}, Case{Errc::Denied, 403},
        Case{Errc::NotFound, 404}, Case{Errc::Conflict, 409}, Case{Errc::TooLarge, 413},
        Case{Errc::UnsupportedMediaType, 415}, Case{Errc::Unavailable, 503},
        Case{Errc::Timeout, 504}, Case{Errc::Closed, 500}, Case{Errc::Io, 500},
        Case{Errc::Internal, 500}}) {
    const Response response = error_response({c.code, "open /etc/secret"});
    EXPECT_EQ(response.status(), c.status);
    EXPECT_EQ(response.body(),
              c.status < 500 ? R"({"detail":"open /etc/secret"})"
                             : "{\"detail\":\"" + std::string(reason_phrase(c.status)) + "\"}");
  }
}

TEST(Response, ASlashIsAddedOnThisHost) {
  EXPECT_EQ(*redirect_to_slash("/a b", "/a%20b?c=/%20").header("location"), "/a%20b/?c=/%20");
  EXPECT_EQ(*redirect_to_slash("//evil", "//evil").header("location"), "/%2Fevil/");
  EXPECT_EQ(*redirect_to_slash("/\\evil", "/\\evil").header("location"), "/%5Cevil/");
  EXPECT_EQ(redirect_to_slash("/a", "/a").status(), 301);
}

}  // namespace
}  // namespace tollgate::http
