// SPDX-License-Identifier: Apache-2.0
#include "server/worker/acceptor.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "server/log/logging.h"
#include "tests/server/net/loop_fixture.h"

namespace tollgate::worker {
namespace {

using namespace std::chrono_literals;

// A listening socket of any family, and clients of it.
class Server {
 public:
  explicit Server(int family = AF_INET)
      : fd_(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_storage any{};
    any.ss_family = static_cast<sa_family_t>(family);
    socklen_t size = sizeof(sockaddr_in);
    if (family == AF_INET)
      reinterpret_cast<sockaddr_in&>(any).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (family == AF_INET6) {
      size = sizeof(sockaddr_in6);
      reinterpret_cast<sockaddr_in6&>(any).sin6_addr = in6addr_loopback;
    }
    if (family == AF_UNIX) size = sizeof(sa_family_t);  // Linux gives it an abstract name
    listens_ =
        bind(fd_.get(), reinterpret_cast<sockaddr*>(&any), size) == 0 && listen(fd_.get(), 64) == 0;
    size_ = sizeof(address_);
    getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address_), &size_);
  }

  bool listens() const { return listens_; }
  UniqueFd copy() const { return UniqueFd(fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0)); }
  void close() { fd_.reset(); }

  UniqueFd connect() const {
    UniqueFd client(socket(address_.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(client.get(), reinterpret_cast<const sockaddr*>(&address_), size_) != 0)
      client.reset();
    return client;
  }

 private:
  UniqueFd fd_;
  bool listens_ = false;
  sockaddr_storage address_{};
  socklen_t size_ = 0;
};

class AcceptorTest : public net::LoopFixture {
 protected:
  std::unique_ptr<Acceptor> accept_from(const Server& server,
                                        std::chrono::milliseconds defer = 0ms) {
    auto acceptor =
        Acceptor::create(loop_->raw(), server.copy(), defer,
                         {.may_accept =
                              [this] {
                                ++asked_;
                                return may_accept_;
                              },
                          .has_room = [this] { return accepted_.size() < room_; },
                          .make_room =
                              [this] {
                                ++room_asked_for_;
                                return can_make_room_ && ++room_ > 0;
                              },
                          .accepted =
                              [this](UniqueFd socket, std::string remote_address) {
                                accepted_.push_back(std::move(socket));
                                addresses_.push_back(std::move(remote_address));
                                if (accepted_.size() == expected_) stop();
                              },
                          .paused = [this](shm::Tally why) { pauses_.push_back(why); }});
    EXPECT_TRUE(acceptor);
    return *std::move(acceptor);
  }

  void run_until(std::size_t accepted) {
    expected_ = accepted;
    if (accepted_.size() < expected_) run();
    EXPECT_EQ(accepted_.size(), accepted);
  }
  // Some turns in which nothing may be accepted.
  void expect_none_accepted() {
    const std::size_t before = accepted_.size();
    for (int i = 0; i < 5; ++i) loop_->run_once();
    EXPECT_EQ(accepted_.size(), before);
  }

  bool may_accept_ = true;
  std::size_t room_ = 1000;
  bool can_make_room_ = false;
  int room_asked_for_ = 0;
  int asked_ = 0;
  std::size_t expected_ = 0;
  std::vector<UniqueFd> accepted_;
  std::vector<std::string> addresses_;
  std::vector<shm::Tally> pauses_;  // why
};

TEST_F(AcceptorTest, AcceptsWithoutBlockingAndWithoutLeakingToChildren) {
  const Server server;
  const auto acceptor = accept_from(server);
  const UniqueFd client = server.connect();
  run_until(1);
  const int fd = accepted_[0].get();
  EXPECT_NE(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  int no_delay = 0;
  socklen_t size = sizeof(no_delay);
  ASSERT_EQ(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size), 0);
  EXPECT_EQ(no_delay, 1);
}

TEST_F(AcceptorTest, LeavesWhoSaysNothingToTheKernel) {
  const Server server;
  const auto acceptor = accept_from(server, 60s);
  const UniqueFd silent = server.connect();
  const UniqueFd eager = server.connect();
  ASSERT_EQ(send(eager.get(), "1", 1, 0), 1);
  run_until(1);
  char text = 0;
  EXPECT_EQ(recv(accepted_[0].get(), &text, 1, 0), 1);
  EXPECT_EQ(text, '1');
  expect_none_accepted();
  ASSERT_EQ(send(silent.get(), "2", 1, 0), 1);
  run_until(2);
  EXPECT_EQ(recv(accepted_[1].get(), &text, 1, 0), 1);
  EXPECT_EQ(text, '2');
}

TEST_F(AcceptorTest, DefersAsTheKernelRoundsItAndNotAtAllIfToldSo) {
  const Server server;
  const auto deferral = [&server] {
    int seconds = -1;
    socklen_t size = sizeof(seconds);
    getsockopt(server.copy().get(), IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, &size);
    return seconds;
  };
  for (const auto& [asked, seconds] :
       {std::pair{1000ms, 1}, {1ms, 1}, {2000ms, 3}, {4000ms, 7}, {0ms, 0}}) {
    const auto acceptor = accept_from(server, asked);
    EXPECT_EQ(deferral(), seconds) << asked.count();
  }
}

TEST_F(AcceptorTest, TellsWhoConnects) {
  struct Case {
    int family;
    const char* address;
  };
  for (const Case& c : {Case{AF_INET, "127.0.0.1"}, Case{AF_INET6, "::1"}, Case{AF_UNIX, ""}}) {
    const Server server(c.family);
    if (!server.listens()) continue;  // a machine without IPv6
    const auto acceptor = accept_from(server);
    const UniqueFd client = server.connect();
    run_until(accepted_.size() + 1);
    EXPECT_EQ(addresses_.back(), c.address);
  }
}

TEST_F(AcceptorTest, AcceptsAllThatWait) {
  const Server server;
  const auto acceptor = accept_from(server);
  std::vector<UniqueFd> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(server.connect());
  run_until(20);
  // And again, from its registration of its own.
  for (std::size_t i = 21; i < 26; ++i) {
    clients.push_back(server.connect());
    run_until(i);
  }
}

TEST_F(AcceptorTest, AcceptsOneAWakeUp) {
  const Server server;
  const auto acceptor = accept_from(server);
  std::vector<UniqueFd> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(server.connect());
  for (std::size_t turn = 1; turn <= 3; ++turn) {
    loop_->run_once();
    EXPECT_LE(accepted_.size(), turn);
  }
}

TEST_F(AcceptorTest, LeavesAConnectionToTheOthersForAWhileAndThenTakesIt) {
  const Server server;
  const auto acceptor = accept_from(server);
  may_accept_ = false;
  const UniqueFd client = server.connect();
  run_until(1);
  EXPECT_EQ(asked_, 1);
}

TEST_F(AcceptorTest, WithoutRoomItWaitsUntilItIsTold) {
  const Server server;
  const auto acceptor = accept_from(server);
  room_ = 1;
  const UniqueFd first = server.connect();
  const UniqueFd second = server.connect();
  run_until(1);
  expect_none_accepted();
  acceptor->resume();  // still no room
  acceptor->tick();
  expect_none_accepted();
  room_ = 2;
  acceptor->resume();
  run_until(2);
}

TEST_F(AcceptorTest, RoomIsMadeOnlyForWhoWaits) {
  const Server server;
  const auto acceptor = accept_from(server);
  can_make_room_ = true;
  room_ = 0;
  acceptor->tick();
  expect_none_accepted();
  EXPECT_EQ(room_asked_for_, 0);
  const UniqueFd client = server.connect();
  run_until(1);
  EXPECT_EQ(room_asked_for_, 1);
}

TEST_F(AcceptorTest, ATickTriesAgainWhetherRoomCanBeMade) {
  const Server server;
  const auto acceptor = accept_from(server);
  room_ = 0;
  const UniqueFd client = server.connect();
  expect_none_accepted();
  can_make_room_ = true;
  acceptor->tick();
  run_until(1);
}

TEST_F(AcceptorTest, ATickTakesWhatWaits) {
  const Server server;
  const auto acceptor = accept_from(server);
  const UniqueFd client = server.connect();
  acceptor->tick();  // the loop has not run yet
  EXPECT_EQ(accepted_.size(), 1U);
  acceptor->tick();
  EXPECT_EQ(accepted_.size(), 1U);
}

TEST_F(AcceptorTest, WithoutDescriptorsItPausesUntilThereAreSome) {
  const Server server;
  const auto acceptor = accept_from(server);
  // All that runs below has run once: UBSan needs descriptors of its own to check a type anew.
  const UniqueFd first = server.connect();
  run_until(1);
  expect_none_accepted();
  log::error("a first line in the log");
  const UniqueFd second = server.connect();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const UniqueFd lowest(fcntl(second.get(), F_DUPFD_CLOEXEC, 0));
  const rlimit none{.rlim_cur = static_cast<rlim_t>(lowest.get()) + 1, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  expect_none_accepted();
  acceptor->tick();
  expect_none_accepted();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  expect_none_accepted();  // it does not try again by itself: that would spin
  acceptor->tick();
  EXPECT_EQ(accepted_.size(), 2U);
}

TEST_F(AcceptorTest, DrainsWhatWaitsAndClosesTheSocket) {
  Server server;
  const auto acceptor = accept_from(server);
  server.close();
  std::vector<UniqueFd> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(server.connect());
  acceptor->drain();
  EXPECT_EQ(accepted_.size(), 5U);
  EXPECT_FALSE(server.connect().valid());
  acceptor->drain();
  acceptor->resume();
  acceptor->tick();
  expect_none_accepted();
}

TEST_F(AcceptorTest, DrainsAlsoWhatItHadLeftToTheOthers) {
  Server server;
  const auto acceptor = accept_from(server);
  server.close();
  may_accept_ = false;
  const UniqueFd client = server.connect();
  loop_->run_once();
  EXPECT_EQ(asked_, 1);
  acceptor->drain();
  EXPECT_EQ(accepted_.size(), 1U);
  loop_->run();  // nothing is left that would keep it
}

TEST_F(AcceptorTest, DrainsAlsoWhenThereWasNoRoom) {
  Server server;
  const auto acceptor = accept_from(server);
  server.close();
  room_ = 0;
  const UniqueFd client = server.connect();
  for (int i = 0; i < 3; ++i) loop_->run_once();
  EXPECT_EQ(accepted_.size(), 0U);
  acceptor->drain();
  EXPECT_EQ(accepted_.size(), 1U);
}

TEST_F(AcceptorTest, DrainsFromItsExclusiveRegistration) {
  Server server;
  const auto acceptor = accept_from(server);
  server.close();
  const UniqueFd first = server.connect();
  run_until(1);
  const UniqueFd second = server.connect();
  acceptor->drain();
  EXPECT_EQ(accepted_.size(), 2U);
  EXPECT_FALSE(server.connect().valid());
}

// Two workers on one socket: each connection goes to one of them, and none waits.
TEST_F(AcceptorTest, SharesASocket) {
  const Server server;
  auto other_loop = net::EventLoop::create();
  ASSERT_TRUE(other_loop);
  std::size_t others = 0;
  auto other = Acceptor::create((*other_loop)->raw(), server.copy(), 0ms,
                                {.may_accept = [] { return true; },
                                 .has_room = [] { return true; },
                                 .make_room = [] { return false; },
                                 .accepted = [&](UniqueFd, const std::string&) { ++others; }});
  ASSERT_TRUE(other);
  const auto acceptor = accept_from(server);
  for (std::size_t i = 1; i <= 30; ++i) {
    const UniqueFd client = server.connect();
    while (accepted_.size() + others < i) {
      loop_->run_once();
      (*other_loop)->run_once();
    }
  }
  EXPECT_EQ(accepted_.size() + others, 30U);
  other->reset();
  EXPECT_EQ((*other_loop)->close(), 0);
}

TEST_F(AcceptorTest, WhatLibuvCannotWatchIsAnError) {
  UniqueFd regular(open(testing::TempDir().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  ASSERT_TRUE(regular.valid());
  const auto acceptor = Acceptor::create(loop_->raw(), std::move(regular), 0ms, {});
  ASSERT_FALSE(acceptor);
  EXPECT_EQ(acceptor.error().code, Errc::Io);
}

}  // namespace
}  // namespace tollgate::worker
