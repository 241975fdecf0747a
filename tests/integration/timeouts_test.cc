// Each time-out ends what it is for, and nothing else.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

// A worker looks every 100 ms for what is due.
constexpr milliseconds kShort = 300ms;
constexpr milliseconds kLate = 1000ms;

TEST(Timeouts, SlowHeadIsAnswered408) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1", "--header-timeout", "300ms"});
  HttpClient client(server.address());
  const Stopwatch watch;
  client.send("GET /plain HTTP/1.1\r\nHost: te");
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 408);
  EXPECT_TRUE(response->closes());
  EXPECT_GE(watch.elapsed(), kShort);
  EXPECT_LE(watch.elapsed(), bound(kLate));
  EXPECT_TRUE(client.is_closed());
}

// Trickling bytes buys no time: the head has one limit for all of it.
TEST(Timeouts, TricklingHeadIsAnswered408) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1", "--header-timeout", "300ms"});
  HttpClient client(server.address(), 20ms);
  client.send("GET /plain HTTP/1.1\r\nHost: test\r\n");
  const Deadline deadline(kPatience);
  auto response = client.receive();
  for (; !response && response.error() == Broken::Late && !deadline.passed();
       response = client.receive())
    client.send("X: y\r\n");
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(response->status, 408);
}

TEST(Timeouts, SilentClientIsClosedQuietly) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1", "--header-timeout", "300ms"});
  HttpClient client(server.address());
  EXPECT_TRUE(client.is_closed());  // no 408: nobody asked anything
}

TEST(Timeouts, StoppedBodyIsAnswered408) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1", "--body-timeout", "300ms"});
  HttpClient client(server.address());
  client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n[1");
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 408);
  EXPECT_TRUE(client.is_closed());
}

TEST(Timeouts, IdleConnectionIsClosedQuietly) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1", "--keep-alive", "300ms"});
  HttpClient client(server.address());
  ASSERT_EQ(client.exchange("GET", "/plain")->status, 200);
  const Stopwatch watch;
  EXPECT_TRUE(client.is_closed());
  EXPECT_GE(watch.elapsed(), kShort - 20ms);  // the server's watch began before ours
  EXPECT_LE(watch.elapsed(), bound(kLate));
}

// Idle is a connection, not a handler.
TEST(Timeouts, SlowHandlerIsNotIdle) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1", "--keep-alive", "100ms",
                                    "--header-timeout", "100ms", "--body-timeout", "100ms"});
  EXPECT_EQ(get(server.address(), "/block/600").body, "blocked for 600 ms\n");
}

TEST(Timeouts, ClientThatTakesNothingIsClosed) {
  const Site site;
  const ServerProcess server(
      site, {"serve", "--workers", "1", "--write-timeout", "300ms", "--keep-alive", "1h"});
  HttpClient client(server.address());
  // Far more answers than the two kernels' buffers hold, none of which is read.
  const std::string document = "[\"" + std::string(1 << 20, 'x') + "\"]";
  const std::string asked =
      request("POST", "/echo", {{"Content-Type", "application/json"}}, document);
  for (int i = 0; i < 24; ++i) client.send(asked);  // ends when the server closes
  for (;;) {
    const auto response = client.receive();
    if (response) continue;
    EXPECT_NE(response.error(), Broken::Late);
    break;
  }
}

TEST(Timeouts, NoKeepAliveClosesAfterEachAnswer) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1", "--keep-alive", "0"});
  HttpClient client(server.address());
  const auto response = client.exchange("GET", "/plain");
  ASSERT_TRUE(response);
  EXPECT_TRUE(response->closes());
  EXPECT_TRUE(client.is_closed());
}

}  // namespace
}  // namespace tollgate::test
