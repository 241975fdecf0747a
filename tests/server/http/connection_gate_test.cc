// What is answered before a body is read.
// SPDX-License-Identifier: Apache-2.0
#include "tests/server/http/connection_fixture.h"

namespace tollgate::http {
namespace {

using ConnectionGate = ConnectionFixture;

const std::string kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kPostHead = "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 28\r\n";
// A body that would be a request, were it read as one.
const std::string kBody = "GET /evil HTTP/1.1\r\nHost:x\r\n";
const std::string kContinueText = "HTTP/1.1 100 Continue\r\n\r\n";

Verdict refuse(Exchange&) { return detail(401, "No."); }

TEST_F(ConnectionGate, IsAskedAtTheEndOfTheHead) {
  send(kPostHead + "\r");
  EXPECT_TRUE(service_.asked.empty());
  send("\n");
  EXPECT_EQ(service_.asked, std::vector<std::string>{"/p"});
  EXPECT_EQ(host_.in_flight_now, 1);
  send(kBody);
  EXPECT_EQ(received(), ok("POST /p " + kBody));
}

TEST_F(ConnectionGate, ARefusalWithoutABodyKeepsTheConnection) {
  service_.on_gate = refuse;
  send(kGet + "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n" + kGet);
  const std::string refusal = problem(401, "Unauthorized", "No.", "");
  EXPECT_EQ(received(), refusal + refusal + refusal);
  EXPECT_TRUE(wire_.wants_read);
}

TEST_F(ConnectionGate, ARefusalBeforeTheBodyEndsTheConnection) {
  service_.on_gate = refuse;
  send(kPostHead + "\r\n");
  EXPECT_EQ(received(), problem(401, "Unauthorized", "No."));
  EXPECT_TRUE(lingering());
  send(kBody + kGet);
  EXPECT_EQ(received(), "");
  EXPECT_EQ(service_.asked, std::vector<std::string>{"/p"});
  wire_.input_ended = true;
  run();
  EXPECT_FALSE(open());
}

TEST_F(ConnectionGate, ABodyThatCameWithARefusedHeadIsNoRequest) {
  service_.on_gate = refuse;
  send(kPostHead + "\r\n" + kBody + "\r\n" + kGet);
  EXPECT_EQ(received(), problem(401, "Unauthorized", "No."));
  EXPECT_TRUE(lingering());
  EXPECT_EQ(service_.asked, std::vector<std::string>{"/p"});
}

TEST_F(ConnectionGate, ARefusalBeforeChunksEndsTheConnection) {
  service_.on_gate = refuse;
  send("POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + kGet);
  EXPECT_EQ(received(), problem(401, "Unauthorized", "No."));
  EXPECT_TRUE(lingering());
  EXPECT_EQ(service_.asked.size(), 1U);
}

TEST_F(ConnectionGate, ALengthThatIsTooLargeIsRefusedBeforeTheBody) {
  service_.on_admit = [](const Exchange& exchange) -> std::optional<Response> {
    if (exchange.request.content_length.value_or(0) > 20) return detail(413, "Too large.");
    return std::nullopt;
  };
  send(kPostHead + "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(received(), problem(413, "Content Too Large", "Too large."));
  EXPECT_TRUE(lingering());
}

TEST_F(ConnectionGate, ContinueIsSaidWhenTheGateHasPassed) {
  send(kPostHead + "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(received(), kContinueText);
  send(kBody);
  EXPECT_EQ(received(), ok("POST /p " + kBody));
}

TEST_F(ConnectionGate, ContinueIsNotSaidToTheRefused) {
  service_.on_gate = refuse;
  send(kPostHead + "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(received(), problem(401, "Unauthorized", "No."));
}

TEST_F(ConnectionGate, ContinueIsNotSaidWithoutABody) {
  send("GET /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(received(), ok("GET /a "));
}

TEST_F(ConnectionGate, ContinueIsNotSaidToHttp10) {
  send("POST /p HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  EXPECT_EQ(received(), "");
  send("x");
  EXPECT_EQ(received(), ok("POST /p x", "Connection: close\r\n"));
}

TEST_F(ConnectionGate, ContinueComesBehindTheAnswersBeforeIt) {
  send(kGet + kPostHead + "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(received(), ok("GET /a ") + kContinueText);
  send(kBody);
  EXPECT_EQ(received(), ok("POST /p " + kBody));
}

TEST_F(ConnectionGate, AnotherExpectationIsRefused) {
  send(kPostHead + "Expect: miracles\r\n\r\n");
  EXPECT_EQ(received(), problem(417, "Expectation Failed",
                                "Expectation Failed: an expectation that cannot be met"));
  EXPECT_TRUE(service_.asked.empty());
}

// RFC 9110 7.4
TEST_F(ConnectionGate, HttpsInTheClearIsMisdirected) {
  send("GET HTTPS://x/a HTTP/1.1\r\nHost: x\r\n\r\nGET http://x/a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(received(),
            problem(421, "Misdirected Request", "There is no https here.", "") + ok("GET /a "));
  EXPECT_EQ(service_.asked.size(), 1U);
}

TEST_F(ConnectionGate, ARequestThatAsksForAnUpgradeIsAnsweredWithoutOne) {
  send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + kGet);
  EXPECT_EQ(received(), ok("GET /a ") + ok("GET /a "));
}

// --- a gate that has to look something up ---------------------------------------

class PendingGate : public ConnectionFixture {
 protected:
  PendingGate() {
    service_.on_gate = [this](Exchange&) -> Verdict { return Pending{[this] { return found_; }}; };
  }

  Verdict found_ = Pass{};
};

TEST_F(PendingGate, NothingIsReadUntilTheAnswerIsThere) {
  send(kPostHead + "Expect: 100-continue\r\n\r\n");
  send(kBody);
  EXPECT_EQ(received(), "");
  EXPECT_EQ(wire_.input, kBody);
  EXPECT_FALSE(wire_.wants_read);
  EXPECT_EQ(host_.in_flight_now, 1);
  finish_jobs();
  EXPECT_EQ(received(), kContinueText + ok("POST /p " + kBody));
}

TEST_F(PendingGate, WhatWasReadWithTheHeadWaits) {
  send(kPostHead + "\r\n" + kBody + kGet);
  EXPECT_EQ(service_.asked.size(), 1U);
  finish_jobs();
  EXPECT_EQ(received(), ok("POST /p " + kBody) + ok("GET /a "));
  EXPECT_EQ(service_.asked.size(), 2U);
}

// The second look-up is as good as the first: its refusal counts.
TEST_F(PendingGate, AsksAgainWhereTheFirstAnswerAsksForMore) {
  service_.on_gate = [](Exchange&) -> Verdict {
    return Pending{.look_up = [] { return Verdict(Pass{}); },
                   .then = []() -> Verdict {
                     return Pending{.look_up = [] { return Verdict(detail(403, "No.")); }};
                   }};
  };
  send(kGet);
  finish_jobs();
  EXPECT_EQ(received(), problem(403, "Forbidden", "No.", ""));
}

TEST_F(PendingGate, NobodyPassesForWantOfALookUp) {
  service_.on_gate = [](Exchange&) { return Verdict(Pending{}); };
  send(kGet);
  finish_jobs();
  EXPECT_TRUE(received().starts_with("HTTP/1.1 500 "));
}

TEST_F(PendingGate, ARefusalWithoutABodyKeepsTheConnection) {
  found_ = detail(401, "No.");
  send(kGet);
  finish_jobs();
  EXPECT_EQ(received(), problem(401, "Unauthorized", "No.", ""));
  EXPECT_TRUE(wire_.wants_read);
}

TEST_F(PendingGate, ARefusalBeforeTheBodyEndsTheConnection) {
  found_ = detail(401, "No.");
  send(kPostHead + "\r\n" + kBody);
  finish_jobs();
  EXPECT_EQ(received(), problem(401, "Unauthorized", "No."));
  EXPECT_TRUE(lingering());
}

TEST_F(PendingGate, WhereNoLookUpFitsTheAnswerIs503) {
  host_.full = true;
  send(kGet);
  const std::string refusal = received();
  EXPECT_TRUE(refusal.starts_with("HTTP/1.1 503 ")) << refusal;
  EXPECT_NE(refusal.find("\r\nRetry-After: 1\r\n"), std::string::npos) << refusal;
  EXPECT_TRUE(open());
}

TEST_F(PendingGate, TheLookUpOfAClientThatIsGoneGivesItsExchangeBack) {
  send(kGet);
  host_.connections.clear();
  EXPECT_EQ(host_.in_flight_now, 1);
  finish_jobs();
  EXPECT_EQ(host_.in_flight_now, 0);
  expect_given_back();
}

}  // namespace
}  // namespace tollgate::http
