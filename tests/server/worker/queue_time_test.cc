// SPDX-License-Identifier: Apache-2.0
#include "server/worker/queue_time.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "server/base/unique_fd.h"
#include "server/os/listener.h"

namespace tollgate::worker {
namespace {

class QueueTime : public testing::Test {
 protected:
  UniqueFd connect() {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(listener_->address().port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    UniqueFd client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(client.get(), reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    return client;
  }
  UniqueFd accept() { return UniqueFd(accept4(listener_->fd(), nullptr, nullptr, SOCK_CLOEXEC)); }
  // Time is the subject here: nothing else passes it.
  static void let_pass(milliseconds time) { poll(nullptr, 0, static_cast<int>(time.count())); }

  Result<os::Listener> listener_ = os::Listener::open(*parse_address("127.0.0.1:0"), 16);
};

TEST_F(QueueTime, IsHowLongTheDataHasBeenThere) {
  const UniqueFd client = connect();
  ASSERT_EQ(send(client.get(), "x", 1, 0), 1);
  let_pass(120ms);
  const UniqueFd accepted = accept();
  const milliseconds waited = waited_in_kernel(accepted.get());
  EXPECT_GE(waited, 110ms);
  EXPECT_LT(waited, 5s);
}

TEST_F(QueueTime, IsNoneWhereNothingWasSent) {
  const UniqueFd client = connect();
  let_pass(120ms);
  const UniqueFd accepted = accept();
  EXPECT_EQ(waited_in_kernel(accepted.get()), 0ms);
}

TEST(QueueTimeOfAUnixSocket, IsNotKnown) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const UniqueFd one(ends[0]);
  const UniqueFd other(ends[1]);
  ASSERT_EQ(send(one.get(), "x", 1, 0), 1);
  EXPECT_EQ(waited_in_kernel(other.get()), 0ms);
}

}  // namespace
}  // namespace tollgate::worker
