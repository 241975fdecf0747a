// Connections that come at once are spread evenly, although all workers wait on one socket.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

int count_sockets(pid_t pid) {
  const auto descriptors = descriptors_of(pid);
  return static_cast<int>(std::ranges::count_if(
      descriptors, [](const std::string& text) { return text.starts_with("socket:"); }));
}

// 100 connections at once, on `workers` alone.
void expect_even_shares(const ServerProcess& server, const std::vector<pid_t>& workers) {
  constexpr int kConnections = 100;
  std::vector<int> before;
  for (const pid_t worker : workers) before.push_back(count_sockets(worker));

  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < kConnections; ++i)
    clients.push_back(std::make_unique<HttpClient>(server.address()));
  // Each has a worker when it has been answered.
  for (const auto& client : clients) client->send(request("GET", "/plain"));
  for (const auto& client : clients) ASSERT_EQ(client->receive()->status, 200);

  std::vector<int> shares;
  for (std::size_t i = 0; i < workers.size(); ++i)
    shares.push_back(count_sockets(workers[i]) - before[i]);
  EXPECT_EQ(std::accumulate(shares.begin(), shares.end(), 0), kConnections);
  const double mean = kConnections / static_cast<double>(workers.size());
  const int most = *std::ranges::max_element(shares);
  // Where the machine is slow, a worker misses its beats and does not count for a while.
  const double allowed = bound(1ms) == 1ms ? 1.2 : 1.6;
  EXPECT_LE(most / mean, allowed) << testing::PrintToString(shares);
}

TEST(Connections, OpenedAtOnceAreSharedEvenly) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "4", "--keep-alive", "1h"});
  ASSERT_EQ(server.workers().size(), 4U);
  expect_even_shares(server, server.workers());
}

TEST(Connections, AreSharedEvenlyByTheOthersWhenOneWorkerStandsStill) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "4", "--keep-alive", "1h"});
  std::vector<pid_t> workers = server.workers();
  ASSERT_EQ(workers.size(), 4U);
  const pid_t stalled = workers.back();
  workers.pop_back();
  ASSERT_EQ(kill(stalled, SIGSTOP), 0);
  expect_even_shares(server, workers);
  ASSERT_EQ(kill(stalled, SIGCONT), 0);
}

}  // namespace
}  // namespace tollgate::test
