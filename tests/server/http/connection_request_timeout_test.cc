// What is answered 504, or 503 before it was asked, and what then becomes of the work on it.
// SPDX-License-Identifier: Apache-2.0
#include "tests/server/http/connection_fixture.h"

namespace tollgate::http {
namespace {

const std::string kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

class RequestTimeout : public ConnectionFixture {
 protected:
  RequestTimeout() : ConnectionFixture({}, {.request = 7s, .write = 30s}) {
    service_.route.runs_on = RunsOn::Threads;
  }
  std::string too_long() {
    const std::string text = received();
    EXPECT_TRUE(text.starts_with("HTTP/1.1 504 ")) << text;
    EXPECT_TRUE(text.ends_with("{\"detail\":\"The request took too long.\"}")) << text;
    return text;
  }
};

TEST_F(RequestTimeout, IsToldToTheClientWhichMayGoOn) {
  send(kGet);
  pass_time(6900ms);
  EXPECT_EQ(received(), "");
  pass_time(100ms);
  too_long();
  EXPECT_EQ(host_.in_flight_now, 1)
      << "until the handler comes back: it may still crash the worker";
  ASSERT_TRUE(open());
  send(kGet);
  EXPECT_EQ(host_.jobs.size(), 2U);
}

TEST_F(RequestTimeout, WhileAThreadWorksCountsItAsWedgedUntilItComesBack) {
  send(kGet);
  host_.jobs.front()->work();  // has begun; when it ends is up to it
  pass_time(7s);
  too_long();
  EXPECT_EQ(host_.wedged, 1);
  host_.jobs.front()->done();
  EXPECT_EQ(host_.wedged, 0);
  EXPECT_EQ(received(), "") << "the answer that came too late is nobody's";
  expect_given_back();
  host_.jobs.clear();
}

TEST_F(RequestTimeout, BeforeAThreadWasFreeDropsTheWork) {
  send(kGet);
  pass_time(7s);
  too_long();
  EXPECT_EQ(host_.dropped, 1);
  EXPECT_EQ(host_.wedged, 0);
  service_.asked.clear();
  finish_jobs();
  EXPECT_EQ(host_.wedged, 0);
  EXPECT_EQ(received(), "");
  expect_given_back();
}

TEST_F(RequestTimeout, OfALookUpEndsTheConnectionIfABodyFollows) {
  service_.on_gate = [](Exchange&) -> Verdict {
    return Pending{.look_up = [] { return Verdict{Pass{}}; }};
  };
  send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n");
  ASSERT_EQ(host_.look_ups.size(), 1U);
  host_.look_ups.front()->work();
  pass_time(7s);
  const std::string text = too_long();
  EXPECT_NE(text.find("Connection: close"), std::string::npos) << text;
  EXPECT_EQ(host_.wedged, 1);
  finish_jobs();
  EXPECT_EQ(host_.wedged, 0);
}

TEST_F(RequestTimeout, AfterTheClientLeftIsNobodys) {
  send(kGet);
  wire_.broken = true;
  host_.connections.clear();
  pass_time(7s);
  EXPECT_EQ(host_.wedged, 0);
  finish_jobs();
  expect_given_back();
}

TEST_F(RequestTimeout, DoesNotMeetAHandlerThatIsInTime) {
  send(kGet);
  pass_time(6900ms);
  finish_jobs();
  EXPECT_TRUE(received().ends_with("\r\n\r\nGET /a "));
  pass_time(100ms);
  EXPECT_EQ(received(), "");
  EXPECT_TRUE(open());
}

TEST_F(RequestTimeout, BeginsAnewForTheHandlerAfterALookUp) {
  service_.on_gate = [](Exchange&) -> Verdict {
    return Pending{.look_up = [] { return Verdict{Pass{}}; }};
  };
  send(kGet);
  pass_time(6900ms);
  const auto look_up = std::move(host_.look_ups.front());
  host_.look_ups.clear();
  look_up->work();
  look_up->done();
  run();
  ASSERT_EQ(host_.jobs.size(), 1U);
  pass_time(6900ms);
  finish_jobs();
  EXPECT_TRUE(received().ends_with("\r\n\r\nGET /a "));
}

class Stale : public ConnectionFixture {};

TEST_F(Stale, FirstRequestIsAnswered503AndTheConnectionClosed) {
  auto connection = std::make_unique<Connection>(77, host_, "192.0.2.1");
  Wire wire;
  Connection& stale = *connection;
  host_.connections.emplace(77, std::move(connection));
  stale.start(std::make_unique<tests::MemoryStream>(wire), Connection::First::Stale);
  wire.input = kGet + kGet;
  while (host_.connections.contains(77) && wire.wants_read && !wire.input.empty())
    stale.on_readable();
  EXPECT_TRUE(wire.output.starts_with("HTTP/1.1 503 ")) << wire.output;
  EXPECT_NE(wire.output.find("Retry-After: 1\r\n"), std::string::npos) << wire.output;
  EXPECT_NE(wire.output.find("Connection: close\r\n"), std::string::npos) << wire.output;
  EXPECT_EQ(wire.output.find("HTTP/1.1", 9), std::string::npos) << "one answer, and no more";
  EXPECT_TRUE(service_.asked.empty());
  host_.connections.erase(77);
}

}  // namespace
}  // namespace tollgate::http
