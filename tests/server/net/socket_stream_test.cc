// SPDX-License-Identifier: Apache-2.0
#include "server/net/socket_stream.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <functional>
#include <string>
#include <vector>

#include "tests/server/net/loop_fixture.h"

namespace tollgate::net {
namespace {

using State = IoResult::State;

struct FakeEvents final : Stream::Events {
  void on_readable() override {
    ++readable;
    if (when_readable) when_readable();
  }
  void on_writable() override {
    ++writable;
    if (when_writable) when_writable();
  }
  int readable = 0;
  int writable = 0;
  std::function<void()> when_readable;
  std::function<void()> when_writable;
};

class SocketStreamTest : public LoopFixture {
 protected:
  void SetUp() override {
    LoopFixture::SetUp();
    std::array<int, 2> pair{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair.data()), 0);
    client_ = UniqueFd(pair[0]);
    stream_ = std::make_unique<SocketStream>(loop_->raw(), UniqueFd(pair[1]), events_);
  }
  void TearDown() override {
    stream_.reset();
    LoopFixture::TearDown();
  }

  void say(std::string_view text) {
    ASSERT_EQ(::send(client_.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  // All that has come to the client.
  std::string heard() {
    std::string text;
    std::array<char, 65536> buffer;
    for (ssize_t n; (n = ::recv(client_.get(), buffer.data(), buffer.size(), 0)) > 0;)
      text.append(buffer.data(), static_cast<std::size_t>(n));
    return text;
  }
  bool client_reads_the_end() {
    char c = 0;
    return ::recv(client_.get(), &c, 1, 0) == 0;
  }
  IoResult write(std::string text) {
    const iovec piece{text.data(), text.size()};
    return stream_->write({&piece, 1});
  }
  IoResult read(std::size_t size = 100) {
    buffer_.resize(size);
    return stream_->read(buffer_);
  }

  FakeEvents events_;
  UniqueFd client_;
  std::unique_ptr<SocketStream> stream_;
  std::vector<char> buffer_;
};

TEST_F(SocketStreamTest, ReadsWhatIsThereAndNoMore) {
  EXPECT_EQ(read().state, State::WouldBlock);
  say("hello");
  EXPECT_EQ(read(3).bytes, 3U);
  const IoResult rest = read();
  EXPECT_EQ(rest.state, State::Done);
  EXPECT_EQ(std::string(buffer_.data(), rest.bytes), "lo");
  EXPECT_EQ(read().state, State::WouldBlock);
}

TEST_F(SocketStreamTest, TellsTheEndAndAReset) {
  say("x");
  ASSERT_EQ(shutdown(client_.get(), SHUT_WR), 0);
  EXPECT_EQ(read().state, State::Done);
  EXPECT_EQ(read().state, State::Eof);
  write("unread");
  client_.reset();  // with unread input: a reset
  const IoResult result = read();
  EXPECT_EQ(result.state, State::Failed);
  EXPECT_EQ(result.error, ECONNRESET);
}

TEST_F(SocketStreamTest, WritesPiecesInTheirOrder) {
  std::string one = "one ", two = "two";
  const std::array pieces = {iovec{one.data(), one.size()}, iovec{two.data(), two.size()}};
  EXPECT_EQ(stream_->write(pieces).bytes, 7U);
  EXPECT_EQ(heard(), "one two");
}

TEST_F(SocketStreamTest, WritesInPartsWhatDoesNotFit) {
  const std::string large(4 << 20, 'x');
  const IoResult first = write(large);
  ASSERT_EQ(first.state, State::Done);
  EXPECT_GT(first.bytes, 0U);
  EXPECT_LT(first.bytes, large.size());
  while (write(large).state == State::Done) {
  }
  EXPECT_EQ(write(large).state, State::WouldBlock);
  EXPECT_GE(heard().size(), first.bytes);
  EXPECT_EQ(write("x").state, State::Done);
}

TEST_F(SocketStreamTest, AWriteToAClientThatIsGoneFailsWithoutASignal) {
  client_.reset();
  const IoResult result = write("x");
  EXPECT_EQ(result.state, State::Failed);
  EXPECT_EQ(result.error, EPIPE);
}

TEST_F(SocketStreamTest, TellsNothingUntilItIsAsked) {
  say("x");
  loop_->run_once();
  EXPECT_EQ(events_.readable + events_.writable, 0);
}

TEST_F(SocketStreamTest, TellsWhatItIsAskedForAsLongAsItHolds) {
  stream_->want(true, false);
  loop_->run_once();
  EXPECT_EQ(events_.readable, 0);
  say("x");
  loop_->run_once();
  loop_->run_once();
  EXPECT_EQ(events_.readable, 2);
  EXPECT_EQ(events_.writable, 0);
  stream_->want(false, true);
  loop_->run_once();
  EXPECT_EQ(events_.readable, 2);
  EXPECT_EQ(events_.writable, 1);
  stream_->want(true, true);
  loop_->run_once();
  EXPECT_EQ(events_.readable, 3);
  EXPECT_EQ(events_.writable, 2);
  stream_->want(false, false);
  loop_->run_once();
  EXPECT_EQ(events_.readable, 3);
  EXPECT_EQ(events_.writable, 2);
}

TEST_F(SocketStreamTest, AClientThatLeavesIsReadable) {
  stream_->want(true, false);
  client_.reset();
  loop_->run_once();
  EXPECT_EQ(events_.readable, 1);
  EXPECT_EQ(read().state, State::Eof);
}

TEST_F(SocketStreamTest, AClientThatLeavesIsNotToldToThoseWhoDidNotAsk) {
  stream_->want(true, false);
  stream_->want(false, false);
  client_.reset();
  loop_->run_once();
  EXPECT_EQ(events_.readable, 0);
}

TEST_F(SocketStreamTest, MayBeDestroyedWhenItTellsOfOneThingAndDoesNotTellOfTheOther) {
  events_.when_writable = [&] { stream_.reset(); };
  say("x");
  stream_->want(true, true);
  loop_->run_once();
  EXPECT_EQ(events_.writable, 1);
  EXPECT_EQ(events_.readable, 0);
}

TEST_F(SocketStreamTest, MayBeDestroyedWhenItIsReadable) {
  events_.when_readable = [&] { stream_.reset(); };
  say("x");
  stream_->want(true, false);
  loop_->run_once();
  EXPECT_EQ(events_.readable, 1);
  EXPECT_TRUE(client_reads_the_end() || errno == ECONNRESET);
}

TEST_F(SocketStreamTest, DoesNotTellOfWhatTheFirstEventNoLongerWants) {
  events_.when_writable = [&] { stream_->want(false, true); };
  say("x");
  stream_->want(true, true);
  loop_->run_once();
  EXPECT_EQ(events_.readable, 0);
}

TEST_F(SocketStreamTest, ShutDownForWritingItStillReads) {
  write("last");
  stream_->shut_down_writing();
  EXPECT_EQ(heard(), "last");
  EXPECT_TRUE(client_reads_the_end());
  say("more");
  EXPECT_EQ(read().state, State::Done);
}

TEST_F(SocketStreamTest, DestroyedItClosesTheSocket) {
  stream_.reset();
  EXPECT_TRUE(client_reads_the_end());
}

TEST_F(SocketStreamTest, BeforeItIsWantedItIsReadAndWrittenWithoutTheLoop) {
  say("early");
  EXPECT_EQ(read().state, State::Done);
  write("answer");
  EXPECT_EQ(heard(), "answer");
  EXPECT_EQ(uv_loop_alive(loop_->raw()), 0);
}

TEST_F(SocketStreamTest, WhatLibuvCannotWatchHearsOfNothing) {
  UniqueFd regular(open(testing::TempDir().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  ASSERT_TRUE(regular.valid());
  SocketStream stream(loop_->raw(), std::move(regular), events_);
  stream.want(true, false);
  stream.want(false, false);
  EXPECT_EQ(uv_loop_alive(loop_->raw()), 0);
}

}  // namespace
}  // namespace tollgate::net
