// Bodies that are made while they are sent: framing, back-pressure, threads, and their ends.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/mman.h>

#include "server/http/push.h"
#include "tests/server/http/connection_fixture.h"

namespace tollgate::http {
namespace {

const std::string kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kOldGet = "GET /a HTTP/1.0\r\n\r\n";

std::string head(std::string_view more, std::string_view status = "200 OK") {
  std::string out = "HTTP/1.1 ";
  out.append(status).append("\r\nServer: tollgate\r\nDate: Sun, 22 Nov 2026 16:52:38 GMT\r\n");
  return out.append("Content-Type: text/plain\r\n").append(more).append("\r\n");
}
const std::string kChunked = head("Transfer-Encoding: chunked\r\n");

// Gives these, then the end; counts how often it is asked.
class Script {
 public:
  explicit Script(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
  Pulled operator()() {
    if (next_ == pieces_.size()) return std::nullopt;
    ++*asked_;
    return pieces_[next_++];
  }
  int asked() const { return *asked_; }

 private:
  std::vector<std::string> pieces_;
  std::size_t next_ = 0;
  std::shared_ptr<int> asked_ = std::make_shared<int>(0);
};

class Streaming : public ConnectionFixture {
 protected:
  explicit Streaming(const Limits& limits = {}) : ConnectionFixture(limits, timeouts()) {}
  static Timeouts timeouts() {
    Timeouts timeouts = kTimeouts;
    timeouts.request = 7s;
    return timeouts;
  }
  void answer_with(const Generator& generator) {
    service_.on_handle = [generator](const Exchange&) { return stream("text/plain", generator); };
  }
  void answer_with(const Push& push) {
    service_.on_handle = [push](const Exchange&) { return stream("text/plain", push); };
  }
  // What the loop does when the doorbell has rung.
  void answer_bell() {
    for (const uint64_t id : std::exchange(host_.rung, {}))
      if (Connection* const found = host_.find(id)) found->on_pushed();
    run();
  }
};

TEST_F(Streaming, IsChunkedAndTheConnectionLivesOn) {
  answer_with(Script({"one", "", "three"}));
  send(kGet + kGet);
  const std::string body = "3\r\none\r\n5\r\nthree\r\n0\r\n\r\n";
  // Each request gets a copy of the script.
  EXPECT_EQ(received(), kChunked + body + kChunked + body);
  EXPECT_TRUE(open());
  EXPECT_EQ(host_.answers, (decltype(host_.answers){{200, 8}, {200, 8}}));
}

TEST_F(Streaming, HasNoChunksForHttp10AndEndsWithTheConnection) {
  answer_with(Script({"one", "two"}));
  send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(received(), head("Connection: close\r\n") + "onetwo");
  EXPECT_TRUE(lingering());
}

TEST_F(Streaming, IsNotBegunForHead) {
  const Script script({"one"});
  answer_with(script);
  send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(received(), kChunked);
  EXPECT_EQ(script.asked(), 0);
  EXPECT_TRUE(open());
}

TEST_F(Streaming, AsksForNoMoreThanTheClientTakes) {
  const std::string piece(10'000, 'x');
  const Script script(std::vector<std::string>(100, piece));
  answer_with(script);
  wire_.room = 15'000;
  send(kGet);
  EXPECT_EQ(script.asked(), 2) << "the second is not all taken yet";
  take(15'000);
  EXPECT_LE(script.asked(), 4);
  take(Wire::kUnlimited);
  EXPECT_EQ(script.asked(), 100);
  EXPECT_TRUE(open());
}

TEST_F(Streaming, ThatIsLongLetsTheOthersHaveTheirTurn) {
  const Script script(std::vector<std::string>(100, std::string(10'000, 'x')));
  answer_with(script);
  wire_.input = kGet;
  host_.connections.begin()->second->on_readable();
  EXPECT_LT(script.asked(), 40);
  EXPECT_TRUE(wire_.wants_write) << "to be told to go on";
  run();
  EXPECT_EQ(script.asked(), 100);
}

TEST_F(Streaming, ThatFailsIsAbortedAndNeverEndedAsIfComplete) {
  answer_with([n = 0]() mutable -> Pulled {
    if (n++ == 0) return "one";
    return fail(Errc::Io, "the disk is gone");
  });
  send(kGet);
  EXPECT_EQ(received(), kChunked + "3\r\none\r\n");
  EXPECT_TRUE(wire_.closed && wire_.reset);
  EXPECT_EQ(host_.tallies.get(shm::Tally::BrokenResponses), 1U);
  EXPECT_EQ(host_.answers.size(), 1U) << "it has its line in the log";
}

TEST_F(Streaming, OfABlockingRouteIsMadeOnItsThreads) {
  service_.route.runs_on = RunsOn::Threads;
  answer_with(Script({"one", "two"}));
  send(kGet);
  EXPECT_EQ(host_.jobs.size(), 1U);
  for (auto& job : std::exchange(host_.jobs, {})) {
    job->work();
    job->done();
  }
  run();
  EXPECT_EQ(host_.jobs.size(), 1U) << "the next piece is another job";
  EXPECT_EQ(received(), kChunked);
  host_.full = true;  // what has begun does not wait in the queue of what has not
  finish_jobs();
  EXPECT_EQ(received(), "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
  EXPECT_TRUE(open());
}

TEST_F(Streaming, OnAThreadThatDoesNotComeBackIsCutShortAfterRequestTimeout) {
  service_.route.runs_on = RunsOn::Threads;
  answer_with(Script({"one", "two"}));
  send(kGet);
  auto handler = std::move(host_.jobs.front());
  host_.jobs.clear();
  handler->work();
  handler->done();
  host_.jobs.front()->work();
  pass_time(7s);
  EXPECT_TRUE(wire_.closed && wire_.reset);
  EXPECT_EQ(host_.wedged, 1);
  host_.jobs.front()->done();
  EXPECT_EQ(host_.wedged, 0);
  EXPECT_EQ(host_.in_flight_now, 0);
  host_.jobs.clear();
}

TEST_F(Streaming, WhoseClientLeavesWhileAThreadMakesItIsDropped) {
  service_.route.runs_on = RunsOn::Threads;
  answer_with(Script({"one"}));
  send(kGet);
  auto handler = std::move(host_.jobs.front());
  host_.jobs.clear();
  handler->work();
  handler->done();
  host_.connections.clear();
  finish_jobs();
  EXPECT_EQ(host_.in_flight_now, 0);
}

TEST_F(Streaming, ToAClientThatTakesNothingEndsAfterWriteTimeout) {
  answer_with(Script(std::vector<std::string>(9, std::string(10'000, 'x'))));
  wire_.room = 5'000;
  send(kGet);
  pass_time(29s);
  take(1);
  pass_time(29s);
  EXPECT_TRUE(open()) << "any progress will do, without a minimum rate";
  pass_time(1s);
  EXPECT_TRUE(wire_.closed && wire_.reset);
  EXPECT_EQ(host_.tallies.get(shm::Tally::SlowReaders), 1U);
}

class AtARate : public Streaming {
 protected:
  AtARate() : Streaming({.request_rate = 100, .response_rate = 100}) {}
};

TEST_F(AtARate, AClientThatTricklesIsClosedAfterWriteTimeout) {
  answer_with(Script(std::vector<std::string>(9, std::string(10'000, 'x'))));
  wire_.room = 5'000;
  send(kGet);
  for (int i = 0; i < 29; ++i) {
    pass_time(1s);
    take(99);
  }
  EXPECT_TRUE(open());
  pass_time(1s);
  EXPECT_TRUE(wire_.closed && wire_.reset);
}

TEST_F(AtARate, AClientThatKeepsUpMayTakeAsLongAsItLikes) {
  answer_with(Script(std::vector<std::string>(9, std::string(10'000, 'x'))));
  wire_.room = 5'000;
  send(kGet);
  for (int i = 0; i < 100; ++i) {
    pass_time(1s);
    take(101);
    ASSERT_TRUE(open()) << i;
  }
}

TEST_F(AtARate, ABodyThatTricklesIsAnswered408AfterBodyTimeout) {
  send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
  for (int i = 0; i < 14; ++i) {
    pass_time(1s);
    send(std::string(99, 'x'));
  }
  EXPECT_EQ(received(), "");
  pass_time(1s);
  EXPECT_TRUE(received().starts_with("HTTP/1.1 408 "));
  EXPECT_EQ(host_.tallies.get(shm::Tally::SlowBodies), 1U);
}

TEST_F(AtARate, ABodyThatKeepsUpMayTakeAsLongAsItLikes) {
  send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10100\r\n\r\n");
  for (int i = 0; i < 100; ++i) {
    pass_time(1s);
    send(std::string(101, 'x'));
  }
  EXPECT_TRUE(received().starts_with("HTTP/1.1 200 "));
}

TEST_F(Streaming, ThatIsPushedGoesOutAsItComes) {
  const Push push;
  answer_with(push);
  push.send("early;");
  send(kGet);
  EXPECT_EQ(received(), kChunked + "6\r\nearly;\r\n");
  push.send("a");
  push.send("b");
  EXPECT_EQ(host_.rung.size(), 1U) << "one bell for both";
  answer_bell();
  EXPECT_EQ(received(), "2\r\nab\r\n");
  pass_time(1h);
  ASSERT_TRUE(open()) << "it may say nothing for as long as it likes";
  push.send("c");
  push.close();
  EXPECT_FALSE(push.open());
  answer_bell();
  EXPECT_EQ(received(), "1\r\nc\r\n0\r\n\r\n");
  EXPECT_EQ(push.send("d"), Push::Sent::Gone);
  ASSERT_TRUE(open());
  send("POST /a HTTP/1.1\r\nHost: x\r\n\r\n");  // the connection lives on
}

TEST_F(Streaming, ThatIsPushedEndsWithItsLastHandle) {
  {
    const Push push;
    const Push copy = push;
    service_.on_handle = [&](const Exchange&) { return stream("text/plain", copy); };
    send(kGet);
    received();
  }
  answer_bell();
  EXPECT_EQ(received(), "0\r\n\r\n");
  EXPECT_TRUE(open());
}

TEST_F(Streaming, ThatIsPushedTellsItsFeederThatTheClientLeft) {
  const Push push;
  answer_with(push);
  send(kGet);
  EXPECT_EQ(push.send("a"), Push::Sent::Taken);
  answer_bell();
  wire_.input_ended = true;
  run();
  EXPECT_TRUE(wire_.closed);
  EXPECT_EQ(push.send("b"), Push::Sent::Gone);
  EXPECT_TRUE(host_.rung.empty());
  EXPECT_EQ(host_.answers, (decltype(host_.answers){{200, 1}})) << "with its line in the log";
}

TEST_F(Streaming, ThatIsPushedIsFullWhenTheClientIsSlow) {
  const Push push(10);
  answer_with(push);
  wire_.room = 50;  // not even the head
  send(kGet);
  EXPECT_EQ(push.send("12345"), Push::Sent::Taken);
  EXPECT_EQ(push.send("678901"), Push::Sent::Full);
  EXPECT_EQ(push.waiting(), 5U);
  answer_bell();
  EXPECT_EQ(push.waiting(), 5U) << "what is before it is not taken yet";
  take(Wire::kUnlimited);
  EXPECT_EQ(push.waiting(), 0U);
  EXPECT_EQ(received(), kChunked + "5\r\n12345\r\n");
  push.close();
}

TEST_F(Streaming, ThatIsPushedAndAbortedIsSeenAsBroken) {
  const Push push;
  answer_with(push);
  send(kGet);
  push.abort();
  answer_bell();
  EXPECT_TRUE(wire_.closed && wire_.reset);
  EXPECT_EQ(received(), kChunked);
}

TEST_F(Streaming, ThatIsPushedEndsWhenTheWorkerDrains) {
  const Push push;
  answer_with(push);
  send(kGet);
  push.send("last words");
  for (const auto& [id, connection] : host_.connections) connection->drain();
  answer_bell();
  EXPECT_EQ(received(), kChunked + "a\r\nlast words\r\n0\r\n\r\n");
  EXPECT_EQ(push.send("more"), Push::Sent::Gone);
}

TEST_F(Streaming, ThatIsPushedReadsAheadOnlySoFar) {
  const Push push;
  answer_with(push);
  send(kGet);
  wire_.input = std::string(1 << 20, 'x');
  run();
  EXPECT_GT(wire_.input.size(), 1U << 19);
  EXPECT_FALSE(wire_.wants_read);
  push.abort();
  answer_bell();
}

TEST_F(Streaming, OfFilesIsTheirBytesWithALength) {
  auto file = std::make_shared<UniqueFd>(memfd_create("file", MFD_CLOEXEC));
  const std::string bytes = "0123456789";
  ASSERT_EQ(write(file->get(), bytes.data(), bytes.size()), 10);
  service_.on_handle = [&](const Exchange&) {
    Pieces pieces;
    pieces.emplace_back("<");
    pieces.emplace_back(FilePart{file, 2, 3});
    pieces.emplace_back("|");
    pieces.emplace_back(FilePart{file, 9, 1});
    pieces.emplace_back(FilePart{file, 0, 0});
    pieces.emplace_back(">");
    return Response(206, "text/plain", std::move(pieces));
  };
  const std::string whole = head("Content-Length: 7\r\n", "206 Partial Content") + "<234|9>";
  send(kGet + kGet);
  EXPECT_EQ(received(), whole + whole);
  for (std::size_t step = 1; step < whole.size(); ++step) {  // in steps of every size
    wire_.room = 0;
    send(kGet);
    std::string got;
    for (int i = 0; i < 1000 && got.size() < whole.size(); ++i) {
      take(step);
      got += received();
    }
    ASSERT_EQ(got, whole) << step;
    wire_.room = Wire::kUnlimited;
  }
  send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(received(), head("Content-Length: 7\r\n", "206 Partial Content"));
  EXPECT_TRUE(open());
}

TEST_F(Streaming, OfAFileThatHasBecomeShorterIsAborted) {
  auto file = std::make_shared<UniqueFd>(memfd_create("file", MFD_CLOEXEC));
  ASSERT_EQ(write(file->get(), "0123", 4), 4);
  service_.on_handle = [&](const Exchange&) {
    Pieces pieces;
    pieces.emplace_back(FilePart{file, 0, 5});
    return Response(200, "text/plain", std::move(pieces));
  };
  send(kGet);
  EXPECT_EQ(received(), head("Content-Length: 5\r\n") + "0123");
  EXPECT_TRUE(wire_.closed && wire_.reset);
}

class TwoRequests : public ConnectionFixture {
 protected:
  TwoRequests() : ConnectionFixture({.requests = 2}) {}
};

TEST_F(TwoRequests, AreAnsweredAndTheSecondAnswerSaysThatItIsTheLast) {
  send(kGet + kGet + kGet);
  EXPECT_EQ(received(), ok("GET /a ") + ok("GET /a ", "Connection: close\r\n"));
  EXPECT_TRUE(lingering());
  EXPECT_EQ(host_.tallies.get(shm::Tally::LastRequests), 1U);
}

}  // namespace
}  // namespace tollgate::http
