// Handlers that work on a pool.
// SPDX-License-Identifier: Apache-2.0
#include "tests/server/http/connection_fixture.h"

namespace tollgate::http {
namespace {

const std::string kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kGet2 = "GET /b HTTP/1.1\r\nHost: x\r\n\r\n";

class ConnectionJobs : public ConnectionFixture {
 protected:
  ConnectionJobs() { service_.route.runs_on = RunsOn::Threads; }
};

TEST_F(ConnectionJobs, NothingIsReadWhileAHandlerWorks) {
  send(kGet);
  send(kGet2);
  EXPECT_EQ(received(), "");
  EXPECT_EQ(wire_.input, kGet2);
  EXPECT_FALSE(wire_.wants_read);
  EXPECT_EQ(host_.in_flight_now, 1);
  finish_jobs();
  EXPECT_EQ(received(), ok("GET /a ") + ok("GET /b "));
}

TEST_F(ConnectionJobs, WhatWasReadWithTheRequestWaits) {
  send(kGet + kGet2 + kGet);
  EXPECT_EQ(service_.asked.size(), 1U);
  finish_jobs();
  EXPECT_EQ(service_.asked.size(), 3U);
  EXPECT_EQ(received(), ok("GET /a ") + ok("GET /b ") + ok("GET /a "));
}

TEST_F(ConnectionJobs, AnAnswerFromTheLoopIsNotHeldBackByTheJobBehindIt) {
  service_.on_gate = [this](Exchange& exchange) -> Verdict {
    service_.route.runs_on = exchange.request.path == "/a" ? RunsOn::Loop : RunsOn::Threads;
    return Pass{};
  };
  send(kGet + kGet2);
  EXPECT_EQ(received(), ok("GET /a "));
  finish_jobs();
  EXPECT_EQ(received(), ok("GET /b "));
}

TEST_F(ConnectionJobs, AHandlerGoesToThePoolOfItsRoute) {
  send(kGet);
  service_.route.runs_on = RunsOn::Passwords;
  finish_jobs();
  send(kGet);
  finish_jobs();
  EXPECT_EQ(host_.submitted, (std::vector{RunsOn::Threads, RunsOn::Passwords}));
}

TEST_F(ConnectionJobs, WhereNoJobFitsTheAnswerIs503AndTheConnectionLives) {
  host_.full = true;
  send(kGet);
  const std::string refusal = received();
  EXPECT_TRUE(refusal.starts_with("HTTP/1.1 503 ")) << refusal;
  EXPECT_NE(refusal.find("\r\nRetry-After: 1\r\n"), std::string::npos) << refusal;
  host_.full = false;
  send(kGet);
  finish_jobs();
  EXPECT_EQ(received(), ok("GET /a "));
}

TEST_F(ConnectionJobs, AClientThatHasSentAllMayCloseItsSide) {
  send(kGet);
  wire_.input_ended = true;
  run();
  EXPECT_TRUE(open());
  finish_jobs();
  EXPECT_EQ(received(), ok("GET /a "));
  EXPECT_FALSE(open());
}

TEST_F(ConnectionJobs, TheJobOfAClientThatIsGoneGivesItsExchangeBack) {
  bool worked = false;
  service_.on_handle = [&](const Exchange& exchange) {
    worked = exchange.request.path == "/a" && exchange.request.remote_address == "192.0.2.1";
    return text("to nobody");
  };
  send(kGet);
  host_.connections.clear();
  EXPECT_EQ(host_.in_flight_now, 1);  // it may still crash the worker
  EXPECT_EQ(host_.table.front().path.text(), "/a");
  finish_jobs();
  EXPECT_EQ(host_.in_flight_now, 0);
  EXPECT_TRUE(worked);
  EXPECT_TRUE(host_.answers.empty());
  expect_given_back();
}

TEST_F(ConnectionJobs, ANewConnectionIsNotTakenForTheOneThatIsGone) {
  send(kGet);
  host_.connections.clear();
  Wire other;
  connect(other);
  finish_jobs();
  EXPECT_EQ(other.output, "");
  host_.connections.clear();
}

TEST_F(ConnectionJobs, AClientThatBrokeOffMeanwhileIsClosed) {
  send(kGet);
  wire_.broken = true;
  finish_jobs();
  EXPECT_FALSE(open());
}

TEST_F(ConnectionJobs, AJobThatIsDroppedTakesItsExchangeWithIt) {
  send(kGet);
  host_.jobs.clear();  // as a pool does that is destroyed
  EXPECT_TRUE(open());
  EXPECT_EQ(host_.in_flight_now, 0);
}

TEST_F(ConnectionJobs, AWorkerThatBeginsToEndSaysCloseInTheAnswerUnderWay) {
  send(kGet);
  host_.keeping_alive = false;
  finish_jobs();
  EXPECT_EQ(received(), ok("GET /a ", "Connection: close\r\n"));
}

TEST_F(ConnectionJobs, ALargeAnswerWaitsBehindOneThatTheClientHasNotTaken) {
  service_.on_gate = [this](Exchange& exchange) -> Verdict {
    service_.route.runs_on = exchange.request.path == "/a" ? RunsOn::Loop : RunsOn::Threads;
    return Pass{};
  };
  const std::string body(100'000, 'x');
  service_.on_handle = [&](const Exchange& exchange) {
    return text(exchange.request.path == "/a" ? "small" : body);
  };
  wire_.room = 20;
  send(kGet + kGet2);
  finish_jobs();
  take(5'000);
  take(Wire::kUnlimited);
  EXPECT_EQ(received(), ok("small") + ok(body));
}

}  // namespace
}  // namespace tollgate::http
