// Without their master, workers do not stay behind.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

std::vector<UniqueFd> open_pidfds(const std::vector<pid_t>& pids) {
  std::vector<UniqueFd> out;
  for (const pid_t pid : pids) out.push_back(open_pidfd(pid));
  return out;
}

TEST(MasterDeath, EndsTheWorkersWithinASecond) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "4"});
  const std::vector<UniqueFd> workers = open_pidfds(server.workers());
  ASSERT_EQ(workers.size(), 4U);
  // One that is busy, and one that has an idle connection.
  HttpClient busy(server.address());
  busy.send(request("GET", "/block/30000"));
  HttpClient idle(server.address());
  ASSERT_EQ(idle.exchange("GET", "/plain")->status, 200);

  server.signal(SIGKILL);
  const Deadline second(bound(1000ms));
  for (const UniqueFd& worker : workers)
    EXPECT_TRUE(wait_for_end_of(worker, milliseconds(second.poll_timeout())));
  server.expect_end({.code = -1, .signal = SIGKILL});
  EXPECT_FALSE(HttpClient(server.address()).connected());  // the port is free again
}

TEST(MasterDeath, LetsTheWorkersDrainIfToldSo) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "1", "--orphans", "drain"});
  HttpClient busy(server.address());
  busy.send(request("GET", "/block/700"));
  // It is under way when another, behind it, has been answered.
  HttpClient second(server.address());
  ASSERT_EQ(second.exchange("GET", "/plain", {{"Connection", "close"}})->status, 200);
  server.signal(SIGKILL);
  const auto response = busy.receive();
  ASSERT_TRUE(response) << to_string(response.error()) << server.log().text();
  EXPECT_EQ(response->body, "blocked for 700 ms\n");
  EXPECT_TRUE(response->closes());
  server.expect_end({.code = -1, .signal = SIGKILL});
  EXPECT_NE(server.log().text().find("this worker drains"), std::string::npos);
}

}  // namespace
}  // namespace tollgate::test
