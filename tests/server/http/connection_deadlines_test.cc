// Each state has one limit of time, and each limit one end.
// SPDX-License-Identifier: Apache-2.0
#include "tests/server/http/connection_fixture.h"

namespace tollgate::http {
namespace {

using ConnectionDeadlines = ConnectionFixture;

const std::string kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kPost = "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";

TEST_F(ConnectionDeadlines, AClientThatSendsNothingIsClosedQuietly) {
  pass_time(kTimeouts.header - 1ms);
  EXPECT_TRUE(open());
  pass_time(1ms);
  EXPECT_FALSE(open());
  EXPECT_EQ(received(), "");
}

TEST_F(ConnectionDeadlines, AClientThatIsReadAtOnceAndHasSentNothingHasItsWholeTime) {
  Wire late;
  connect(late, Connection::First::Fresh, Connection::Read::AtOnce);
  EXPECT_TRUE(late.wants_read);
  pass_time(kTimeouts.header - 1ms);
  EXPECT_FALSE(late.closed);
  pass_time(1ms);
  EXPECT_TRUE(late.closed);
}

TEST_F(ConnectionDeadlines, AClientThatIsReadAtOnceIsAnswered) {
  Wire early;
  early.input = "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  connect(early, Connection::First::Fresh, Connection::Read::AtOnce);
  EXPECT_TRUE(early.output.starts_with("HTTP/1.1 200 ")) << early.output;
  EXPECT_TRUE(early.closed);
}

TEST_F(ConnectionDeadlines, AnIdleConnectionIsClosedQuietly) {
  send(kGet);
  received();
  pass_time(kTimeouts.idle - 1ms);
  EXPECT_TRUE(open());
  pass_time(1ms);
  EXPECT_FALSE(open());
  EXPECT_EQ(received(), "");
}

// Some clients send a CRLF behind a body, which begins no request (RFC 9112 2.2).
TEST_F(ConnectionDeadlines, AnEmptyLineStartsNoHeadAndGivesNoTime) {
  send(kPost + "hello\r\n");
  received();
  pass_time(kTimeouts.idle - 1ms);
  send("\r\n");
  EXPECT_TRUE(open());
  pass_time(1ms);
  EXPECT_FALSE(open());
  EXPECT_EQ(received(), "");
}

TEST_F(ConnectionDeadlines, TheHeadHasOneDeadlineHoweverItDrips) {
  for (int i = 0; i < 9; ++i) {
    send("G");
    pass_time(1s);
  }
  EXPECT_EQ(received(), "");
  pass_time(1s);
  EXPECT_EQ(wire_.output.find("408"), std::string("HTTP/1.1 ").size());
  EXPECT_TRUE(lingering());
}

TEST_F(ConnectionDeadlines, AHeadThatBeginsLateHasItsWholeTime) {
  send(kGet);
  received();
  pass_time(4s);
  send("GET /b HT");
  pass_time(9s);
  send("TP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(received().find("GET /b "), std::string::npos);
}

TEST_F(ConnectionDeadlines, ABodyMayTakeItsTimeBetweenPieces) {
  send(kPost);
  for (const char c : std::string_view("hell")) {
    pass_time(kTimeouts.body - 1ms);
    send({&c, 1});
  }
  pass_time(kTimeouts.body - 1ms);
  EXPECT_EQ(received(), "");
  pass_time(1ms);
  EXPECT_EQ(wire_.output.find("408"), std::string("HTTP/1.1 ").size());
  EXPECT_NE(wire_.output.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(lingering());
  EXPECT_EQ(host_.in_flight_now, 0);
}

TEST_F(ConnectionDeadlines, AHandlerMayTakeAnyTime) {
  service_.route.runs_on = RunsOn::Threads;
  send(kPost + "hello");
  pass_time(1h);
  EXPECT_TRUE(open());
  finish_jobs();
  EXPECT_NE(received().find("POST /p hello"), std::string::npos);
}

TEST_F(ConnectionDeadlines, AGateMayTakeAnyTime) {
  service_.on_gate = [](Exchange&) -> Verdict { return Pending{[] { return Verdict(Pass{}); }}; };
  send(kPost + "hello");
  pass_time(1h);
  EXPECT_TRUE(open());
  finish_jobs();
  EXPECT_NE(received().find("POST /p hello"), std::string::npos);
}

TEST_F(ConnectionDeadlines, AClientThatTakesNothingIsClosed) {
  service_.on_handle = [](const Exchange&) { return text(std::string(200'000, 'x')); };
  wire_.room = 10;
  send(kGet);
  for (int i = 0; i < 3; ++i) {
    pass_time(kTimeouts.write - 1ms);
    take(10);
  }
  EXPECT_TRUE(open());
  pass_time(kTimeouts.write);
  EXPECT_FALSE(open());
}

TEST_F(ConnectionDeadlines, AfterASlowAnswerTheConnectionIsIdleAgain) {
  service_.on_handle = [](const Exchange&) { return text(std::string(200'000, 'x')); };
  wire_.room = 10;
  send(kGet);
  pass_time(20s);
  take(Wire::kUnlimited);
  pass_time(kTimeouts.idle - 1ms);
  EXPECT_TRUE(open());
  pass_time(1ms);
  EXPECT_FALSE(open());
}

// The deadline of a write must not outlive it: a handler that works is not late.
TEST_F(ConnectionDeadlines, AWriteThatIsDoneDoesNotHurryTheHandlerBehindIt) {
  service_.on_gate = [this](Exchange& exchange) -> Verdict {
    service_.route.runs_on = exchange.request.path == "/a" ? RunsOn::Loop : RunsOn::Threads;
    return Pass{};
  };
  wire_.room = 10;
  send(kGet + kPost + "hello");
  ASSERT_EQ(host_.jobs.size(), 1U);
  take(Wire::kUnlimited);
  received();
  pass_time(1h);
  EXPECT_TRUE(open());
  finish_jobs();
  EXPECT_NE(received().find("POST /p hello"), std::string::npos);
}

TEST_F(ConnectionDeadlines, AWriteThatIsDoneLeavesTheBodyItsDeadline) {
  wire_.room = 10;
  send("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  take(Wire::kUnlimited);
  received();
  pass_time(kTimeouts.body - 1ms);
  EXPECT_EQ(received(), "");
  pass_time(1ms);
  EXPECT_NE(received().find("408"), std::string::npos);
}

TEST_F(ConnectionDeadlines, AWriteThatIsDoneLeavesTheHeadItsDeadline) {
  wire_.room = 10;
  send(kGet + "GET /b");
  take(Wire::kUnlimited);
  received();
  pass_time(kTimeouts.header);
  EXPECT_NE(received().find("408"), std::string::npos);
}

TEST_F(ConnectionDeadlines, ARefusedClientHasALittleTimeToReadWhy) {
  send("rubbish\r\n");
  pass_time(kTimeouts.linger - 1ms);
  EXPECT_TRUE(lingering());
  pass_time(1ms);
  EXPECT_FALSE(open());
}

TEST_F(ConnectionDeadlines, AClientThatDripsDoesNotLingerLonger) {
  send("rubbish\r\n");
  pass_time(kTimeouts.linger - 1ms);
  send("more");
  pass_time(1ms);
  EXPECT_FALSE(open());
}

// A client that left while the job was away, and of whom only the write tells.
TEST_F(ConnectionDeadlines, AConnectionMayEndWhileItsJobIsAway) {
  service_.on_gate = [this](Exchange& exchange) -> Verdict {
    service_.route.runs_on = exchange.request.path == "/a" ? RunsOn::Loop : RunsOn::Threads;
    return Pass{};
  };
  wire_.room = 0;
  send(kGet + kPost + "hello");
  pass_time(kTimeouts.write);
  EXPECT_FALSE(open());
  EXPECT_EQ(host_.in_flight_now, 1);
  finish_jobs();
  EXPECT_EQ(host_.in_flight_now, 0);
  EXPECT_EQ(received(), "");
}

class WithoutDeadlines : public ConnectionFixture {
 protected:
  WithoutDeadlines()
      : ConnectionFixture({}, {.idle = 0s, .header = 0s, .body = 0s, .write = 0s, .linger = 0s}) {}
};

TEST_F(WithoutDeadlines, NothingExpires) {
  pass_time(1h);
  send(kGet);
  pass_time(1h);
  send("POST /p HT");
  pass_time(1h);
  EXPECT_TRUE(open());
  send("TP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
  pass_time(1h);
  send("hello");
  EXPECT_NE(received().find("POST /p hello"), std::string::npos);
}

// Who has waited longest when there must be room for another.
class MakingRoom : public ConnectionFixture {
 protected:
  bool make_room() { return host_.make_room(clock_.steady()); }
  Wire other_;
};

TEST_F(MakingRoom, TheOneThatIsIdleLongestEndsFirst) {
  connect(other_);
  send(kGet);
  other_.input = kGet;
  pass_time(1ms);
  // An active one is idle, too, between its requests.
  EXPECT_FALSE(make_room());
  pass_time(999ms);
  EXPECT_TRUE(make_room());
  EXPECT_TRUE(wire_.closed);
  EXPECT_FALSE(other_.closed);
  EXPECT_FALSE(make_room());
  pass_time(1ms);
  EXPECT_TRUE(make_room());
  EXPECT_TRUE(other_.closed);
  EXPECT_EQ(host_.tallies.get(shm::Tally::Evicted), 2U);
}

TEST_F(MakingRoom, AnIdleOneEndsBeforeASlowOne) {
  connect(other_);
  other_.input = "GET /slow HT";
  run();
  pass_time(3s);
  send(kGet);
  pass_time(1s);
  EXPECT_TRUE(make_room());
  EXPECT_TRUE(wire_.closed);
  EXPECT_FALSE(other_.closed);
  EXPECT_TRUE(make_room());
}

TEST_F(MakingRoom, ASlowOneEndsOnlyAfterASecond) {
  struct Case {
    const char* input;
    std::size_t room;
  };
  for (const Case& c :
       {Case{"", Wire::kUnlimited}, Case{"GET /slow HT", Wire::kUnlimited},
        Case{"POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12", Wire::kUnlimited},
        Case{"GET /a HTTP/1.1\r\nHost: x\r\n\r\n", 10}}) {
    SCOPED_TRACE(c.input);
    host_.connections.clear();
    Wire slow;
    slow.input = c.input;
    slow.room = c.room;
    connect(slow);
    run();
    pass_time(999ms);
    EXPECT_FALSE(make_room());
    pass_time(1ms);
    EXPECT_TRUE(make_room());
    EXPECT_TRUE(slow.closed);
    EXPECT_EQ(slow.reset, c.room == 10) << "a response that is cut must be seen to be";
  }
}

TEST_F(MakingRoom, OneThatIsWorkedForNeverEnds) {
  service_.route.runs_on = RunsOn::Threads;
  send(kGet);
  pass_time(1h);
  EXPECT_FALSE(make_room());
  EXPECT_TRUE(open());
}

}  // namespace
}  // namespace tollgate::http
