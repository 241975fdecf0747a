// The signals to the master that change what it does, and those that must not.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

TEST(Signals, WinchStopsTheWorkersAndHupBringsThemBack) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "2"});
  server.signal(SIGWINCH);
  ASSERT_TRUE(server.wait_for_workers(0)) << server.log().text();
  HttpClient waiting(server.address());
  EXPECT_TRUE(waiting.connected());  // the sockets are the master's
  waiting.send(request("GET", "/plain"));
  server.signal(SIGHUP);
  ASSERT_TRUE(server.wait_for_workers(2)) << server.log().text();
  EXPECT_EQ(waiting.receive()->status, 200);
}

// A terminal sends them to the whole group; `pkill` sends the others to whom it likes.
TEST(Signals, ThatAreTheMastersHarmNoWorker) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1"});
  const std::vector<pid_t> workers = server.workers();
  HttpClient client(server.address());
  for (const int number : {SIGINT, SIGQUIT, SIGHUP, SIGWINCH, SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU}) {
    ASSERT_EQ(kill(workers.front(), number), 0);
    const auto response = client.exchange("GET", "/plain");
    ASSERT_TRUE(response && response->status == 200) << number;
    EXPECT_FALSE(response->closes());
  }
  EXPECT_EQ(server.workers(), workers);
}

// systemd sends it to all: none may end in the middle of something.
TEST(Signals, TermToTheWholeServiceDrains) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "1"});
  HttpClient client(server.address());
  client.send(request("GET", "/block/1000"));
  ASSERT_EQ(get(server.address(), "/plain").status, 200);
  const pid_t worker = server.workers().front();
  server.signal(SIGTERM);
  // Whichever comes first, the signal or the master's order to drain: this is the harder way.
  const Deadline deadline(kPatience);
  while (HttpClient(server.address()).connected() && !deadline.passed()) {
  }
  ASSERT_EQ(kill(worker, SIGTERM), 0);
  const auto response = client.receive();
  ASSERT_TRUE(response) << to_string(response.error()) << server.log().text();
  EXPECT_EQ(response->body, "blocked for 1000 ms\n");
  server.expect_end({.code = 0});
}

// One worker alone: it drains, and is replaced.
TEST(Signals, TermToAWorkerReplacesIt) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "2"});
  const pid_t one = server.workers().front();
  ASSERT_EQ(kill(one, SIGTERM), 0);
  EXPECT_TRUE(server.wait_for_workers(2, {one})) << server.log().text();
}

}  // namespace
}  // namespace tollgate::test
