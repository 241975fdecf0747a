// Workers that have served max_requests are replaced, and nobody notices.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/load.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

TEST(MaxRequests, ReplacesWorkersAndLosesNothing) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "2", "--max-requests", "50"});
  const std::vector<pid_t> first = server.workers();
  Load load(server.address(), {.clients = 8});
  ASSERT_TRUE(load.wait_for_answers(500)) << server.log().text();
  // Both of the first have been replaced, however long that takes here.
  for (const pid_t worker : first)
    ASSERT_TRUE(server.log().wait_for("(pid " + std::to_string(worker) +
                                      ", generation 1) ended with code 0 (max_requests)"))
        << server.log().text();
  expect_no_loss(load.stop());
  EXPECT_TRUE(server.wait_for_workers(2)) << server.log().text();
}

}  // namespace
}  // namespace tollgate::test
