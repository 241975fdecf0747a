// Neither a reload nor a change of the number of workers costs a client anything.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "tests/support/load.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

TEST(Reload, DropsNoRequest) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "3"});
  const std::vector<pid_t> first = server.workers();
  Load load(server.address(), {.clients = 16});
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(load.wait_for_answers(100)) << server.log().text();
    const std::size_t mark = server.log().mark();
    server.signal(SIGHUP);
    ASSERT_TRUE(server.log().wait_for("reload: done", mark)) << server.log().text();
  }
  ASSERT_TRUE(load.wait_for_answers(100));
  expect_no_loss(load.stop());
  const std::vector<pid_t> last = server.workers();
  EXPECT_EQ(last.size(), 3U);
  for (const pid_t worker : last) EXPECT_EQ(std::ranges::count(first, worker), 0);
}

TEST(Reload, OfRequestsOnThreadsDropsNone) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "2", "--threads", "4"});
  Load load(server.address(), {.clients = 8, .target = "/block/20", .body = "blocked for 20 ms\n"});
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(load.wait_for_answers(20)) << server.log().text();
    const std::size_t mark = server.log().mark();
    server.signal(SIGHUP);
    ASSERT_TRUE(server.log().wait_for("reload: done", mark)) << server.log().text();
  }
  expect_no_loss(load.stop());
}

// Five in a row, none of which waits for the one before.
TEST(Reload, OvertakenByTheNextDropsNoRequest) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "2"});
  Load load(server.address(), {.clients = 8});
  ASSERT_TRUE(load.wait_for_answers(50));
  std::size_t mark = server.log().mark();
  for (int i = 0; i < 5; ++i) {
    server.signal(SIGHUP);
    ASSERT_TRUE(server.log().wait_for("SIGHUP from process", mark)) << server.log().text();
    mark = server.log().mark();
  }
  ASSERT_TRUE(server.log().wait_for("reload: done, 2 workers, generation 6"))
      << server.log().text();
  ASSERT_TRUE(load.wait_for_answers(50));
  expect_no_loss(load.stop());
}

TEST(WorkerCount, ChangesWithoutLoss) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "2"});
  Load load(server.address(), {.clients = 16});
  for (int i = 0; i < 3; ++i) {
    std::size_t mark = server.log().mark();
    server.signal(SIGTTIN);
    ASSERT_TRUE(server.log().wait_for(") is ready", mark)) << server.log().text();
    EXPECT_EQ(server.workers().size(), 3U);
    ASSERT_TRUE(load.wait_for_answers(50));
    mark = server.log().mark();
    server.signal(SIGTTOU);
    ASSERT_TRUE(server.log().wait_for(") ended with code 0", mark)) << server.log().text();
    EXPECT_EQ(server.workers().size(), 2U);
    ASSERT_TRUE(load.wait_for_answers(50));
  }
  expect_no_loss(load.stop());
}

TEST(WorkerCount, GoesNoLowerThanOneByTtou) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "1"});
  server.signal(SIGTTOU);
  ASSERT_TRUE(server.log().wait_for("it stays so"));
  EXPECT_EQ(get(server.address(), "/plain").status, 200);
}

}  // namespace
}  // namespace tollgate::test
