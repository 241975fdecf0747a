// A worker that stands still costs new connections next to nothing: the others take them.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

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

}  // namespace
}  // namespace tollgate::test
