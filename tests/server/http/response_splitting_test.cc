// Nothing that an application says can end a line of the head, or the head (CWE-113).
// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "tests/server/http/connection_fixture.h"

namespace tollgate::http {
namespace {

using ResponseSplittingTest = ConnectionFixture;

constexpr const char* kEvil = "x\r\nSet-Cookie: evil=1\r\n\r\n<p>evil</p>";
const std::string kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(ResponseSplittingTest, WhatCannotBeSentIsA500OfOurs) {
  const std::pair<const char*, std::function<Response()>> cases[] = {
      {"a value", [] { return text("").set_header("X-A", kEvil); }},
      {"a bare LF", [] { return text("").set_header("X-A", "a\nevil: 1"); }},
      {"a bare CR", [] { return text("").set_header("X-A", "a\revil: 1"); }},
      {"NUL", [] { return text("").set_header("X-A", std::string("a\0evil", 6)); }},
      {"a name", [] { return text("").set_header(std::string("X-A: b\r\nevil"), "1"); }},
      {"a name with a space", [] { return text("").set_header("evil name", "1"); }},
      {"a name with a colon", [] { return text("").set_header("evil:", "1"); }},
      {"no name", [] { return text("").set_header("", "evil"); }},
      {"Location", [] { return redirect(std::string("/") + kEvil); }},
      {"a cookie",
       [] {
         Response response = text("");
         response.add_header("Set-Cookie", "a=1").add_header("Set-Cookie", kEvil);
         return response;
       }},
      {"a media type", [] { return Response(200, kEvil, "body"); }},
      {"that of a stream",
       [] { return stream(kEvil, Generator([]() -> Pulled { return std::nullopt; })); }},
      {"a framing field's value", [] { return text("").set_header("Content-Length", kEvil); }},
      {"an interim status", [] { return text("evil", 101); }},
      {"status 0", [] { return text("evil", 0); }},
      {"a negative status", [] { return text("evil", -200); }},
      {"a status of four digits", [] { return text("evil", 2000); }},
  };
  uint64_t refused = 0;
  for (const auto& [name, make] : cases) {
    service_.on_handle = [make = make](const Exchange&) { return make(); };
    send(kGet);
    EXPECT_EQ(received(), problem(500, "Internal Server Error", "Internal Server Error", ""))
        << name;
    EXPECT_EQ(host_.tallies.get(shm::Tally::UnwritableResponses), ++refused) << name;
  }
}

}  // namespace
}  // namespace tollgate::http
