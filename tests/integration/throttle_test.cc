// DRF's throttles, through the real server.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <thread>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

constexpr const char* kApplication = TEST_APPLICATIONS "/libtest_gates.so";
const std::string kThrottled =
    R"({"detail":"Request was throttled. Expected available in 60 seconds."})";

std::vector<std::string> serve(const char* workers) {
  return {"serve", "--workers", workers, kApplication};
}

// The contract's recorded rows "throttled 1" to "throttled 4".
TEST(Throttle, LetsThreeAMinutePassAndTellsTheFourthToWaitOne) {
  const Site site;
  const ServerProcess server(site, serve("2"));
  const Fields alice = bearer(site.token(1));
  for (const auto& [path, fields] : {std::pair("/by-user", alice), {"/by-anon", Fields{}}}) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(get(server.address(), path, fields).status, 200) << path;
    const HttpResponse fourth = get(server.address(), path, fields);
    EXPECT_EQ(fourth.status, 429) << path;
    EXPECT_EQ(fourth.body, kThrottled);
    EXPECT_EQ(fourth.field("Retry-After"), "60");
  }
  EXPECT_EQ(get(server.address(), "/by-user", bearer(site.token(2))).status, 200);
  EXPECT_EQ(get(server.address(), "/by-anon", alice).status, 200);
}

TEST(Throttle, FourWorkersLetExactlyAsManyPassAsOne) {
  const Site site;
  const ServerProcess server(site, serve("4"));
  std::atomic<int> passed = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i)
    clients.emplace_back([&] {
      for (int n = 0; n < 25; ++n) {
        const int status = get(server.address(), "/many").status;
        (status == 200 ? passed : refused) += status == 200 || status == 429 ? 1 : 1000;
      }
    });
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(passed, 20);
  EXPECT_EQ(refused, 180);
}

TEST(Throttle, OfLoginsComesAheadOfThePassword) {
  const Site site;
  ServerProcess server(site, serve("2"));
  const auto log_in = [&](const char* password) {
    return post_json(server.address(), "/api/token/",
                     R"({"username":"alice","password":")" + std::string(password) + "\"}")
        .status;
  };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(log_in("guess"), 401) << i;
  EXPECT_EQ(log_in("guess"), 429);
  EXPECT_EQ(log_in("PASSWORD of alice"), 429);
  // Refreshing is another endpoint.
  EXPECT_EQ(post_json(server.address(), "/api/token/refresh/", "{}").status, 400);
  const auto workers = server.workers();
  server.signal(SIGHUP);
  ASSERT_TRUE(server.wait_for_workers(2, workers));
  EXPECT_EQ(log_in("PASSWORD of alice"), 429);
}

}  // namespace
}  // namespace tollgate::test
