// A worker that stands still costs new connections next to nothing: the others take them.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

TEST(StalledWorker, HoldsUpNoNewConnection) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "4"});
  const pid_t stalled = server.workers().front();
  ASSERT_EQ(kill(stalled, SIGSTOP), 0);
  for (int i = 0; i < 50; ++i) {
    const Stopwatch watch;
    EXPECT_EQ(get(server.address(), "/plain").status, 200);
    EXPECT_LE(watch.elapsed(), bound(200ms)) << "connection " << i;
  }
  ASSERT_EQ(kill(stalled, SIGCONT), 0);
}

TEST(StalledWorker, OfFourIsReplacedAfterTimeoutWhileTheOthersServe) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "4", "--timeout", "1s"});
  const pid_t stalled = server.workers().front();
  const Stopwatch watch;
  ASSERT_EQ(kill(stalled, SIGSTOP), 0);
  // No client meets the one that stands still: each opens its connection after it stopped.
  const auto is_replaced = [&] {
    const auto workers = server.workers();
    return workers.size() == 4 && std::ranges::count(workers, stalled) == 0;
  };
  for (const Deadline deadline(kPatience); !is_replaced() && !deadline.passed();)
    ASSERT_EQ(get(server.address(), "/plain").status, 200);
  EXPECT_TRUE(is_replaced()) << server.log().text();
  EXPECT_GE(watch.elapsed(), 900ms);
  EXPECT_LE(watch.elapsed(), bound(4s));
}

// What waits in the socket has come in time; it is the worker that was late.
TEST(StalledWorker, AnswersWhatWaitedLongerThanTheIdleTimeOut) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1", "--keep-alive", "400ms"});
  HttpClient client(server.address());
  client.send(request("GET", "/plain"));
  ASSERT_TRUE(client.receive());
  const pid_t worker = server.workers().front();
  ASSERT_EQ(kill(worker, SIGSTOP), 0);
  client.send(request("GET", "/plain"));
  EXPECT_FALSE(HttpClient(server.address(), 1s).receive());  // the stall, timed by another client
  ASSERT_EQ(kill(worker, SIGCONT), 0);
  const auto response = client.receive();
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(response->status, 200);
}

}  // namespace
}  // namespace tollgate::test
