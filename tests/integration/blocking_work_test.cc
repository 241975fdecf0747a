// What blocks has its own threads and a bounded queue, and never holds up what does not block.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include <memory>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

bool has_answer(const HttpClient& client) {
  pollfd watched{client.fd(), POLLIN, 0};
  return poll(&watched, 1, 0) == 1;
}

// Asks for /plain until `client` has its answer; the longest time that one took.
milliseconds slowest_plain_until_answered(const Address& address, const HttpClient& client) {
  HttpClient plain(address);
  milliseconds slowest = 0ms;
  int asked = 0;
  for (const Deadline deadline(kPatience); !has_answer(client) && !deadline.passed(); ++asked) {
    const Stopwatch watch;
    const auto response = plain.exchange("GET", "/plain");
    EXPECT_TRUE(response && response->status == 200);
    if (!response) break;
    slowest = std::max(slowest, watch.elapsed());
  }
  EXPECT_GT(asked, 0);
  return slowest;
}

TEST(BlockingQueue, WhenFullIsAnswered503WhileTheLoopGoesOn) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1", "--threads", "1", "--thread-queue",
                                    "1", "--keepalive-requests", "0"});
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(std::make_unique<HttpClient>(server.address()));
  for (const auto& client : clients) client->send(request("GET", "/block/300"));
  EXPECT_LE(slowest_plain_until_answered(server.address(), *clients.front()), bound(100ms));

  int done = 0;
  int refused = 0;
  for (const auto& client : clients) {
    const auto response = client->receive();
    ASSERT_TRUE(response) << to_string(response.error());
    if (response->status == 200) {
      ++done;
      EXPECT_EQ(response->body, "blocked for 300 ms\n");
    } else {
      ++refused;
      EXPECT_EQ(response->status, 503);
      EXPECT_EQ(response->field("retry-after"), "1");
      EXPECT_EQ(response->body, R"({"detail":"Too many requests are waiting."})");
    }
    EXPECT_FALSE(response->closes());  // it may try again on the same connection
  }
  // One at work and one that waits.
  EXPECT_EQ(done, 2);
  EXPECT_EQ(refused, 8);
}

TEST(Login, DoesNotHoldUpOtherRoutes) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1", "--keepalive-requests", "0"});
  HttpClient login(server.address());
  login.send(request("POST", "/api/token/", {{"Content-Type", "application/json"}},
                     R"({"username":"alice","password":"wrong"})"));
  EXPECT_LE(slowest_plain_until_answered(server.address(), login), bound(100ms));
  EXPECT_EQ(login.receive()->status, 401);
}

// Nor do blocking handlers hold up logins: their threads are others.
TEST(Login, IsNotHeldUpByBlockingRoutes) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "1", "--threads", "1"});
  HttpClient blocked(server.address());
  blocked.send(request("GET", "/block/30000"));
  EXPECT_EQ(post_json(server.address(), "/api/token/",
                      R"({"username":"alice","password":")" + password_of("alice") + "\"}")
                .status,
            200);
  EXPECT_EQ(get(server.address(), "/api/me", bearer(site.token(2))).status, 200);
  EXPECT_FALSE(has_answer(blocked));
  server.signal(SIGTERM);
  ASSERT_TRUE(server.log().wait_for("the workers drain"));
  server.stop();  // the second one waits for no handler
}

}  // namespace
}  // namespace tollgate::test
