// SPDX-License-Identifier: Apache-2.0
#include "server/http/connection.h"

#include "tests/server/http/connection_fixture.h"

namespace tollgate::http {
namespace {

using ConnectionTest = ConnectionFixture;

const std::string kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kGet2 = "GET /b HTTP/1.1\r\nHost: x\r\n\r\n";

std::string post(std::string_view body) {
  return "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}

TEST_F(ConnectionTest, AnswersARequestAndWaitsForTheNext) {
  send(kGet);
  EXPECT_EQ(received(), ok("GET /a "));
  send(kGet2);
  EXPECT_EQ(received(), ok("GET /b "));
  EXPECT_TRUE(open());
  EXPECT_TRUE(wire_.wants_read);
  EXPECT_EQ(host_.answers, (std::vector<std::pair<int, std::size_t>>{{200, 7}, {200, 7}}));
}

TEST_F(ConnectionTest, ReadsWhatComesByteByByte) {
  for (const char c : post("hello") + kGet) send({&c, 1});
  EXPECT_EQ(received(), ok("POST /p hello") + ok("GET /a "));
}

TEST_F(ConnectionTest, TheHandlerSeesTheRequestAndWhoSentIt) {
  service_.on_handle = [](const Exchange& exchange) {
    const Request request(exchange.request);
    EXPECT_EQ(request.header("x-a"), "1");
    EXPECT_EQ(request.query(), "q=1");
    return text(std::string(request.remote_address()));
  };
  send("GET /?q=1 HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n\r\n");
  EXPECT_EQ(received(), ok("192.0.2.1"));
}

TEST_F(ConnectionTest, PipelinedRequestsAreAnsweredInOrderAndInOneWrite) {
  send(kGet + post("1") + kGet2);
  ASSERT_EQ(wire_.writes.size(), 1U);
  EXPECT_EQ(received(), ok("GET /a ") + ok("POST /p 1") + ok("GET /b "));
}

TEST_F(ConnectionTest, AnswersToAClientThatDoesNotReadAreBounded) {
  std::size_t handled = 0;
  service_.on_handle = [&](const Exchange&) {
    ++handled;
    return text(std::string(60'000, 'x'));
  };
  wire_.room = 0;
  std::string many;
  for (int i = 0; i < 1000; ++i) many += kGet;
  send(many);
  EXPECT_LE(handled, 3U);
  EXPECT_FALSE(wire_.wants_read);
  take(Wire::kUnlimited);
  EXPECT_EQ(handled, 1000U);
  EXPECT_EQ(received().size(), 1000 * ok(std::string(60'000, 'x')).size());
}

TEST_F(ConnectionTest, AHeadRequestIsAnsweredWithTheLengthButNoBody) {
  send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n" + kGet);
  std::string head = ok("HEAD /a ");
  head.resize(head.size() - 8);
  EXPECT_EQ(received(), head + ok("GET /a "));
  EXPECT_EQ(host_.answers.front(), std::pair(200, std::size_t{0}));
}

// RFC 9110 9.3.2, whole and byte by byte
TEST_F(ConnectionTest, AHeadRequestThatIsRefusedGetsNoBodyEither) {
  const std::string bad = "HEAD /a HTTP/1.1\r\nHost : x\r\n\r\n";
  for (const std::size_t size : {bad.size(), std::size_t{1}}) {
    Wire wire;
    connect(wire);
    for (std::size_t i = 0; i < bad.size(); i += size) {
      wire.input += bad.substr(i, size);
      run();
    }
    EXPECT_TRUE(wire.output.starts_with("HTTP/1.1 400 ")) << wire.output;
    EXPECT_TRUE(wire.output.ends_with("\r\n\r\n")) << wire.output;
    wire.input_ended = true;
    run();
  }
}

// RFC 9110 15.3.6
TEST_F(ConnectionTest, ResetContentHasNone) {
  service_.on_handle = [](const Exchange&) {
    Response response(205);
    response.set_content("rest");
    return response;
  };
  send(kGet + kGet2);
  const std::string out = received();
  EXPECT_EQ(out.find("rest"), std::string::npos);
  EXPECT_NE(out.find("HTTP/1.1 205 Reset Content"), std::string::npos);
  EXPECT_NE(out.find("Content-Length: 0"), std::string::npos);
}

TEST_F(ConnectionTest, Http10IsClosedUnlessItAsksToLive) {
  send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(received(), ok("GET /a ", "Connection: keep-alive\r\n"));
  EXPECT_TRUE(open());
  send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_EQ(received(), ok("GET /a ", "Connection: close\r\n"));
  EXPECT_FALSE(open());
}

TEST_F(ConnectionTest, AClientThatAsksForTheEndGetsItAtOnce) {
  send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(received(), ok("GET /a ", "Connection: close\r\n"));
  EXPECT_FALSE(open());
}

TEST_F(ConnectionTest, WhatComesBehindTheLastRequestIsNotAnswered) {
  send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + kGet2);
  EXPECT_EQ(received(), ok("GET /a ", "Connection: close\r\n"));
  EXPECT_TRUE(lingering());
  EXPECT_EQ(service_.asked.size(), 1U);
}

TEST_F(ConnectionTest, AWorkerThatEndsSaysCloseAndLingers) {
  host_.keeping_alive = false;
  send(kGet);
  EXPECT_EQ(received(), ok("GET /a ", "Connection: close\r\n"));
  EXPECT_TRUE(lingering());
  send(kGet2);  // sent before the client saw it: thrown away, without a reset
  EXPECT_EQ(received(), "");
  EXPECT_EQ(service_.asked.size(), 1U);
  wire_.input_ended = true;
  run();
  EXPECT_FALSE(open());
}

TEST_F(ConnectionTest, AClientThatLeavesBetweenRequestsIsNotAnswered) {
  send(kGet);
  received();
  wire_.input_ended = true;
  run();
  EXPECT_FALSE(open());
  EXPECT_EQ(received(), "");
}

TEST_F(ConnectionTest, AClientThatLeavesWithinARequestIsNotAnswered) {
  for (const std::string_view part : {"GET /a HT",
                                      "POST /a HTTP/1.1\r\nHost: x\r\n"
                                      "Content-Length: 5\r\n\r\nhe"}) {
    Wire wire;
    wire.input = part;
    connect(wire);
    run();
    wire.input_ended = true;
    run();
    EXPECT_TRUE(wire.closed);
    EXPECT_EQ(wire.output, "");
    EXPECT_EQ(host_.in_flight_now, 0);
  }
}

TEST_F(ConnectionTest, AResetIsTheEnd) {
  wire_.broken = true;
  run();
  EXPECT_FALSE(open());
}

TEST_F(ConnectionTest, ALargeBodyIsSentAsTheClientTakesIt) {
  const std::string body(1'000'000, 'b');
  service_.on_handle = [&](const Exchange& exchange) {
    return exchange.request.path == "/a" ? text(body) : text("small");
  };
  wire_.room = 10;
  send(kGet + kGet2);
  EXPECT_EQ(wire_.output, ok(body).substr(0, 10));
  EXPECT_FALSE(wire_.wants_read);
  for (int i = 0; i < 30; ++i) take(33'000);
  EXPECT_EQ(wire_.output, ok(body).substr(0, 10 + 30 * 33'000));
  take(Wire::kUnlimited);
  EXPECT_EQ(received(), ok(body) + ok("small"));
  EXPECT_TRUE(wire_.wants_read);
  send(kGet2);
  EXPECT_EQ(received(), ok("small"));
}

TEST_F(ConnectionTest, ALargeBodyLeavesWithItsHeadAndWhatWasBeforeIt) {
  const std::string body(100'000, 'b');
  service_.on_handle = [&](const Exchange& exchange) {
    return exchange.request.path == "/b" ? text(body) : text("small");
  };
  send(kGet + kGet2);
  EXPECT_EQ(wire_.writes.size(), 1U);
  EXPECT_EQ(received(), ok("small") + ok(body));
}

TEST_F(ConnectionTest, AnAnswerIsSentWhereverTheClientStopsTaking) {
  const std::string body(70'000, 'b');
  service_.on_handle = [&](const Exchange&) { return text(body); };
  const std::string whole = ok(body);
  const std::size_t head = whole.size() - body.size();
  for (const std::size_t first :
       {std::size_t{0}, std::size_t{1}, head - 1, head, head + 1, whole.size() - 1, whole.size()}) {
    Wire wire;
    wire.room = first;
    wire.input = kGet;
    connect(wire);
    run();
    EXPECT_EQ(wire.output.size(), first);
    wire.room = Wire::kUnlimited;
    run();
    EXPECT_TRUE(wire.output == whole) << "split at " << first;
    wire.input_ended = true;
    run();
  }
}

TEST_F(ConnectionTest, AConnectionThatIsToCloseFirstSendsAll) {
  const std::string body(100'000, 'b');
  service_.on_handle = [&](const Exchange&) { return text(body); };
  wire_.room = 50'000;
  send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(open());
  take(Wire::kUnlimited);
  EXPECT_EQ(received(), ok(body, "Connection: close\r\n"));
  EXPECT_FALSE(open());
}

TEST_F(ConnectionTest, AClientThatCannotBeWrittenToIsClosed) {
  service_.on_handle = [&](const Exchange&) {
    wire_.broken = true;
    return text("lost");
  };
  send(kGet);
  EXPECT_FALSE(open());
}

TEST_F(ConnectionTest, AClientThatCannotBeWrittenALargeBodyIsClosed) {
  service_.on_handle = [&](const Exchange&) {
    wire_.broken = true;
    return text(std::string(100'000, 'x'));
  };
  send(kGet + kGet2);
  EXPECT_FALSE(open());
  EXPECT_EQ(service_.asked.size(), 1U);
}

TEST_F(ConnectionTest, AClientThatLeavesDuringTheAnswerIsClosed) {
  service_.on_handle = [&](const Exchange&) { return text(std::string(100'000, 'x')); };
  wire_.room = 10;
  send(kGet);
  wire_.broken = true;
  run();
  EXPECT_FALSE(open());
}

TEST_F(ConnectionTest, AResponseThatWouldSplitBecomesA500) {
  service_.on_handle = [](const Exchange&) {
    return text("x").set_header("X-A", "1\r\nSet-Cookie: evil=1").set_header("X-B", "2");
  };
  send(kGet + kGet2);
  const std::string failed =
      problem(500, "Internal Server Error", "Internal Server Error", /*more=*/"");
  EXPECT_EQ(received(), failed + failed);
  EXPECT_TRUE(open());
}

TEST_F(ConnectionTest, FinishersSeeEachAnswerAndRefusalsToo) {
  service_.on_finish = [](Response& response) { response.set_header("X-Seen", "1"); };
  send(kGet + "GET / HTTP/1.1\r\n\r\n");
  const std::string out = received();
  const auto answered = out.find("X-Seen: 1");
  ASSERT_NE(answered, std::string::npos);
  EXPECT_GT(out.find("400 Bad Request"), answered);
  EXPECT_NE(out.find("X-Seen: 1", out.find("400 Bad Request")), std::string::npos);
}

TEST_F(ConnectionTest, ABadRequestBehindGoodOnesIsRefusedAfterTheirAnswers) {
  send(kGet + "GET /b HTTP/1.1\r\n\r\n" + kGet2);
  EXPECT_EQ(received(), ok("GET /a ") + problem(400, "Bad Request", "Bad Request: no Host"));
  EXPECT_TRUE(lingering());
  EXPECT_EQ(service_.asked, std::vector<std::string>{"/a"});
}

TEST_F(ConnectionTest, ALingeringConnectionReadsALittleMoreAndThenNot) {
  send("rubbish\r\n");
  EXPECT_TRUE(lingering());
  for (int i = 0; i < 68; ++i) send(std::string(60 << 10, 'x'));
  EXPECT_TRUE(lingering());
  send(std::string(60 << 10, 'x'));
  EXPECT_FALSE(open());
}

TEST_F(ConnectionTest, TwoConnectionsDoNotMixTheirAnswers) {
  Wire other;
  other.input = kGet2;
  other.room = 3;
  connect(other);
  wire_.input = kGet;
  run();
  EXPECT_EQ(received(), ok("GET /a "));
  other.room = Wire::kUnlimited;
  run();
  EXPECT_EQ(other.output, ok("GET /b "));
  other.input_ended = true;
  run();
  EXPECT_TRUE(other.closed);
  EXPECT_TRUE(open());
}

TEST_F(ConnectionTest, ExchangesAreUsedAgainUnderANewId) {
  std::vector<std::pair<const Exchange*, uint64_t>> seen;
  service_.on_gate = [&](Exchange& exchange) -> Verdict {
    seen.emplace_back(&exchange, exchange.request.id);
    EXPECT_EQ(exchange.request.body.view(), "");
    EXPECT_FALSE(find_field(exchange.request.fields, "x-old") && exchange.request.path == "/a");
    EXPECT_FALSE(exchange.request.identity.authenticated);
    exchange.request.identity.authenticated = true;
    return Pass{};
  };
  send("POST /p HTTP/1.1\r\nHost: x\r\nX-Old: 1\r\nContent-Length: 3\r\n\r\nold");
  send(kGet);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].first, seen[1].first);
  EXPECT_LT(seen[0].second, seen[1].second);
}

TEST_F(ConnectionTest, ThousandsOfRequestsInOneReadLetTheOthersHaveTheirTurn) {
  const std::string get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
  for (int i = 0; i < 1000; ++i) wire_.input += get;
  host_.connections.begin()->second->on_readable();
  EXPECT_LT(host_.answers.size(), 100U);
  EXPECT_TRUE(wire_.wants_write) << "to be told to go on";
  run();
  EXPECT_EQ(host_.answers.size(), 1000U);
  EXPECT_TRUE(open());
}

}  // namespace
}  // namespace tollgate::http
