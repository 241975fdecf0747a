// How long a request may take, and how long it may have waited before anybody looked at it.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

TEST(RequestTimeout, IsAnswered504AndTheWorkerWithTooManyWedgedThreadsIsReplaced) {
  const Site site;
  const std::string access_log = site.directory() / "access.log";
  ServerProcess server(site, {"serve", "--workers", "1", "--threads", "4", "--request-timeout",
                              "300ms", "--graceful-timeout", "1s", "--access-logfile", access_log});
  const auto first = server.workers();
  const Stopwatch watch;
  HttpClient one(server.address());
  const auto response = one.exchange("GET", "/block/20000");
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(response->status, 504);
  EXPECT_EQ(response->body, R"({"detail":"The request took too long."})");
  EXPECT_GE(watch.elapsed(), 300ms);
  EXPECT_LE(watch.elapsed(), bound(1s));
  // The connection and three threads are as good as ever.
  EXPECT_EQ(one.exchange("GET", "/block/20")->status, 200);
  EXPECT_EQ(server.workers(), first);

  EXPECT_EQ(get(server.address(), "/block/20000").status, 504);
  ASSERT_TRUE(server.log().wait_for("asks for a replacement (wedged)")) << server.log().text();
  ASSERT_TRUE(server.wait_for_workers(1, first)) << server.log().text();
  EXPECT_EQ(get(server.address(), "/block/20").status, 200);
  server.stop();
  EXPECT_NE(read_file(access_log).find("\"GET /block/20000 HTTP/1.1\" 504"), std::string::npos)
      << read_file(access_log);
}

TEST(RequestTimeout, IsOffByDefault) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1"});
  EXPECT_EQ(get(server.address(), "/block/1500").status, 200);
}

// What waited behind a worker that stood still: the first request of each connection.
TEST(QueueTimeout, ShedsWhatIsStaleAndServesWhatIsFresh) {
  const Site site;
  const ServerProcess server(
      site, {"serve", "--workers", "1", "--queue-timeout", "200ms", "--defer-accept", "0"});
  const pid_t worker = server.workers().front();
  ASSERT_EQ(kill(worker, SIGSTOP), 0);
  HttpClient stale(server.address());
  stale.send(request("GET", "/plain"));
  HttpClient silent(server.address());  // connects early, asks late
  poll(nullptr, 0, 400);                // the wait is what this is about
  HttpClient fresh(server.address());
  fresh.send(request("GET", "/plain"));
  ASSERT_EQ(kill(worker, SIGCONT), 0);

  const auto refused = stale.receive();
  ASSERT_TRUE(refused) << to_string(refused.error());
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->field("Retry-After"), "1");
  EXPECT_TRUE(refused->closes());
  EXPECT_TRUE(stale.is_closed());
  EXPECT_EQ(fresh.receive()->status, 200);
  EXPECT_EQ(silent.exchange("GET", "/plain")->status, 200);
}

TEST(QueueTimeout, IsOffByDefault) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1"});
  const pid_t worker = server.workers().front();
  ASSERT_EQ(kill(worker, SIGSTOP), 0);
  HttpClient client(server.address());
  client.send(request("GET", "/plain"));
  poll(nullptr, 0, 400);
  ASSERT_EQ(kill(worker, SIGCONT), 0);
  EXPECT_EQ(client.receive()->status, 200);
}

}  // namespace
}  // namespace tollgate::test
