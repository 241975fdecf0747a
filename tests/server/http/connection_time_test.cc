// Whatever a connection waits for, it has the time for that, and no other: the deadline follows
// the state, and all that is cut off looks so.
// SPDX-License-Identifier: Apache-2.0
#include "server/http/push.h"
#include "tests/server/http/connection_fixture.h"

namespace tollgate::http {
namespace {

const std::string kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kSlow = "GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
const std::string kBig(100'000, 'x');

class Time : public ConnectionFixture {
 protected:
  Time() : ConnectionFixture({}, timeouts()) {
    service_.on_gate = [this](Exchange& exchange) {
      service_.route.runs_on = exchange.request.path == "/slow" ? RunsOn::Threads : RunsOn::Loop;
      return Pass{};
    };
    service_.on_handle = [](const Exchange&) { return text(kBig); };
  }
  static Timeouts timeouts() {
    Timeouts timeouts = kTimeouts;
    timeouts.request = 60s;
    return timeouts;
  }
  void answer_with(const Generator& generator, RunsOn where) {
    service_.on_gate = nullptr;
    service_.route.runs_on = where;
    service_.on_handle = [generator](const Exchange&) { return stream("text/plain", generator); };
  }
};

TEST_F(Time, OfAReaderIsThatOfWriteTimeoutEvenWhenAJobComesBackMeanwhile) {
  wire_.room = 1000;
  send(kGet + kSlow);
  take(200'000);
  ASSERT_EQ(host_.jobs.size(), 1U);
  wire_.room = 1000;
  finish_jobs();  // its answer waits for the client, too
  ASSERT_TRUE(open());
  pass_time(29s);
  EXPECT_TRUE(open());
  pass_time(2s);
  EXPECT_TRUE(wire_.closed && wire_.reset);
  EXPECT_EQ(host_.tallies.get(shm::Tally::SlowReaders), 1U);
}

TEST_F(Time, OfAReaderOfAGeneratedBodyIsThatOfWriteTimeout) {
  answer_with([] { return kBig; }, RunsOn::Threads);
  wire_.room = 1000;
  send(kGet);
  for (auto& job : std::exchange(host_.jobs, {})) {  // the handler, and then the first piece
    job->work();
    job->done();
    run();
  }
  for (auto& job : std::exchange(host_.jobs, {})) {
    job->work();
    job->done();
    run();
  }
  ASSERT_TRUE(host_.jobs.empty()) << "nobody makes more than the client takes";
  pass_time(31s);
  EXPECT_TRUE(wire_.closed && wire_.reset);
  EXPECT_EQ(host_.tallies.get(shm::Tally::SlowReaders), 1U);
}

TEST_F(Time, OfAPieceThatIsMadeIsThatOfItsJobWhenTheReaderHasCaughtUp) {
  answer_with([] { return kBig; }, RunsOn::Threads);
  wire_.room = 1000;
  send(kGet);
  for (int i = 0; i < 2; ++i)
    for (auto& job : std::exchange(host_.jobs, {})) {
      job->work();
      job->done();
      run();
    }
  take(Wire::kUnlimited);
  ASSERT_EQ(host_.jobs.size(), 1U) << "the next piece is made";
  pass_time(40s);  // longer than write_timeout
  EXPECT_TRUE(open());
  pass_time(21s);
  EXPECT_TRUE(wire_.closed && wire_.reset);
  EXPECT_EQ(host_.tallies.get(shm::Tally::SlowReaders), 0U);
}

TEST_F(Time, OfAStreamOnTheLoopHasNoEndOnceTheReaderHasCaughtUp) {
  const Push push;
  service_.on_gate = nullptr;
  service_.on_handle = [push](const Exchange&) { return stream("text/plain", push); };
  wire_.room = 100;
  send(kGet);
  ASSERT_EQ(push.send(kBig), Push::Sent::Taken);
  for (const uint64_t id : std::exchange(host_.rung, {})) host_.find(id)->on_pushed();
  take(Wire::kUnlimited);
  pass_time(1h);
  EXPECT_TRUE(open());
  EXPECT_TRUE(push.open());
}

TEST_F(Time, OfAnIdleConnectionBeginsWhenTheLastAnswerIsTaken) {
  wire_.room = 1000;
  send(kGet);
  pass_time(29s);
  take(Wire::kUnlimited);
  pass_time(4s);
  EXPECT_TRUE(open());
  pass_time(2s);
  EXPECT_FALSE(open());
  EXPECT_EQ(host_.tallies.get(shm::Tally::IdleClosed), 1U);
}

TEST_F(Time, DoesNotMakeRoomByAConnectionThatIsWorkedFor) {
  answer_with([] { return kBig; }, RunsOn::Threads);
  wire_.room = 1000;
  send(kGet);
  for (int i = 0; i < 2; ++i)
    for (auto& job : std::exchange(host_.jobs, {})) {
      job->work();
      job->done();
      run();
    }
  take(Wire::kUnlimited);
  clock_.advance(10s);
  EXPECT_FALSE(host_.make_room(clock_.steady()));
}

TEST_F(Time, IsUpForTheWholeWorkerAndTheCutBodyLooksCut) {
  answer_with([] { return kBig; }, RunsOn::Loop);
  wire_.room = 1000;
  send("GET /a HTTP/1.0\r\n\r\n");
  ASSERT_FALSE(wire_.closed);
  host_.connections.clear();  // graceful_timeout
  EXPECT_TRUE(wire_.closed && wire_.reset);
}

TEST_F(Time, OfAClientThatFeedsWhoPushesToItIsOver) {
  const Push push;
  service_.on_gate = nullptr;
  service_.on_handle = [push](const Exchange&) { return stream("text/plain", push); };
  send(kGet);
  for (int i = 0; i < 4 && open(); ++i) send(std::string(30'000, 'x'));
  EXPECT_TRUE(wire_.closed) << "it would never be seen to leave";
  EXPECT_FALSE(push.open());
}

// RFC 9112 9.6, and 2.2: old clients send an empty line behind a body.
TEST_F(Time, IsGivenToAClientThatHasSentABodyAndAskedForTheEnd) {
  service_.on_handle = nullptr;
  send("POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_TRUE(lingering());
  send("\r\n");
  EXPECT_TRUE(lingering());
}

// --- bodies that nobody asks for, or that break ----------------------------------

using Bodies = ConnectionFixture;

TEST_F(Bodies, ThatArePushedAndNotBegunTellTheirFeeder) {
  const struct {
    std::string request;
    int status;
  } rows[] = {{"HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n", 200}, {kGet, 204}, {kGet, 304}};
  for (const auto& [request, status] : rows) {
    SCOPED_TRACE(status);
    const Push push;
    service_.on_handle = [push, status](const Exchange&) {
      Response response(status);
      response.set_content(stream("text/plain", push).take_content());
      return response;
    };
    send(request);
    EXPECT_FALSE(push.open());
    EXPECT_EQ(push.send("x"), Push::Sent::Gone);
  }
}

TEST_F(Bodies, OfOnePushAreOfOneResponse) {
  const Push push;
  service_.on_handle = [push](const Exchange&) { return stream("text/plain", push); };
  Wire other;
  send(kGet);
  connect(other);
  other.input = kGet;
  run();
  EXPECT_TRUE(other.closed && other.reset);
  EXPECT_TRUE(open());
  EXPECT_EQ(push.send("x"), Push::Sent::Taken);
}

TEST_F(Bodies, ThatThrowAreAbortedWhoeverGaveThem) {
  service_.on_finish = [](Response& response) {
    response.set_content(Generator([]() -> Pulled { throw std::runtime_error("secret"); }));
  };
  for (const RunsOn where : {RunsOn::Loop, RunsOn::Threads}) {
    service_.route.runs_on = where;
    Wire wire;
    connect(wire);
    wire.input = kGet;
    run();
    finish_jobs();
    EXPECT_TRUE(wire.closed && wire.reset);
    EXPECT_EQ(wire.output.find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace tollgate::http
