// A server that is told to stop first finishes what it has begun.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include <memory>

#include "tests/support/load.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

// Once nobody listens, being refused is right. A connection that the kernel had made, but that
// no worker had taken yet, ends without a byte; one that has had an answer never may.
void expect_no_cut_response(const Load::Report& report) {
  EXPECT_TRUE(report.surprises.empty()) << report.text();
  for (const Load::Failure& failure : report.failures) {
    EXPECT_TRUE(failure.first_request) << report.text();
    EXPECT_NE(failure.how, Broken::Short) << report.text();
  }
}

TEST(Stop, UnderLoadCutsNoResponse) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "3"});
  Load load(server.address(), {.clients = 16, .may_be_refused = true});
  ASSERT_TRUE(load.wait_for_answers(300));
  server.stop();
  expect_no_cut_response(load.wait_until_refused());
}

TEST(Stop, WaitsForBlockingHandlers) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "2", "--threads", "4"});
  Load load(server.address(), {.clients = 8,
                               .target = "/block/100",
                               .body = "blocked for 100 ms\n",
                               .may_be_refused = true});
  ASSERT_TRUE(load.wait_for_answers(8));
  server.stop();
  expect_no_cut_response(load.wait_until_refused());
}

// A response of some megabytes, of which the client has taken a part.
TEST(Stop, WaitsForALargeResponse) {
  const Site site;
  // The response was begun before TERM, and has promised to keep the connection.
  ServerProcess server(site, {"serve", "--workers", "1", "--keep-alive", "500ms"});
  HttpClient client(server.address());
  const std::string document = "[\"" + std::string(8 << 20, 'x') + "\"]";
  client.send(request("POST", "/echo", {{"Content-Type", "application/json"}}, document));
  const auto response_begins = [&client] {
    pollfd watched{client.fd(), POLLIN, 0};
    return poll(&watched, 1, Deadline(kPatience).poll_timeout()) == 1;
  };
  ASSERT_TRUE(response_begins());
  server.signal(SIGTERM);
  ASSERT_TRUE(server.log().wait_for("drains (shutdown)"));
  const auto response = client.receive();
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(response->body, document);
  server.expect_end({.code = 0});
}

// RFC 9112 9.6: closing while there is unread input would reset the connection, and the reset
// could overtake the response.
TEST(Stop, ClosesGentlyBeforeAPipelinedRequest) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "1"});
  HttpClient client(server.address());
  client.send(request("GET", "/block/300"));
  // Only when the first is under way: what comes now stays in the kernel's buffer.
  ASSERT_EQ(get(server.address(), "/plain").status, 200);
  client.send(request("GET", "/plain"));
  server.signal(SIGTERM);
  const auto response = client.receive();
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(response->body, "blocked for 300 ms\n");
  EXPECT_TRUE(response->closes());
  EXPECT_TRUE(client.is_closed());
  server.expect_end({.code = 0});
}

// They have been accepted by the kernel, so that a refusal would be a reset.
TEST(Stop, ServesWhatIsQueuedInTheKernel) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "2"});
  const auto workers = server.workers();
  for (const pid_t worker : workers) ASSERT_EQ(kill(worker, SIGSTOP), 0);
  std::vector<std::unique_ptr<HttpClient>> queued;
  for (int i = 0; i < 100; ++i) {
    queued.push_back(std::make_unique<HttpClient>(server.address()));
    queued.back()->send(request("GET", "/plain"));
  }
  server.signal(SIGTERM);
  ASSERT_TRUE(server.log().wait_for("drains (shutdown)"));
  for (const pid_t worker : workers) ASSERT_EQ(kill(worker, SIGCONT), 0);
  for (const auto& client : queued) {
    const auto response = client->receive();
    ASSERT_TRUE(response) << to_string(response.error());
    EXPECT_EQ(response->status, 200);
  }
  server.expect_end({.code = 0});
}

// As a load balancer wants it: it is told, and requests come for a while yet.
TEST(Stop, WithShutdownDelayServesOnForIt) {
  const Site site;
  ServerProcess server(
      site, {"serve", "--workers", "2", "--shutdown-delay", "700ms", "--keepalive-requests", "0"});
  const Stopwatch watch;
  server.signal(SIGTERM);
  ASSERT_TRUE(server.log().wait_for("no longer ready; serves on for 700ms (shutdown_delay)"));
  HttpClient client(server.address());
  int answers = 0;
  for (;;) {
    const auto response = client.exchange("GET", "/plain");
    ASSERT_TRUE(response) << to_string(response.error()) << server.log().text();
    ++answers;
    if (response->closes()) break;
  }
  EXPECT_GT(answers, 1);
  EXPECT_GE(watch.elapsed(), 690ms);
  server.expect_end({.code = 0});
}

TEST(Stop, ToldAgainCutsTheShutdownDelayShort) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "1", "--shutdown-delay", "1h"});
  server.signal(SIGTERM);
  ASSERT_TRUE(server.log().wait_for("(shutdown_delay)"));
  server.signal(SIGTERM);
  server.expect_end({.code = 0});
}

TEST(Stop, IsQuickWhenToldTwice) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "1"});
  HttpClient client(server.address());
  client.send(request("GET", "/block/30000"));
  ASSERT_EQ(get(server.address(), "/plain").status, 200);
  server.signal(SIGTERM);
  ASSERT_TRUE(server.log().wait_for("the workers drain"));
  const Stopwatch watch;
  server.signal(SIGTERM);
  server.expect_end({.code = 0});
  EXPECT_LE(watch.elapsed(), bound(3000ms));
}

TEST(Stop, DoesNotWaitLongerThanGracefulTimeout) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "1", "--graceful-timeout", "300ms"});
  HttpClient client(server.address());
  client.send(request("GET", "/block/30000"));
  ASSERT_EQ(get(server.address(), "/plain").status, 200);
  const Stopwatch watch;
  server.stop();
  EXPECT_GE(watch.elapsed(), 300ms);
  EXPECT_LE(watch.elapsed(), bound(3000ms));
}

TEST(Stop, ByTheTerminalIsTheSame) {
  const Site site;
  for (const int number : {SIGINT, SIGQUIT}) {
    ServerProcess server(site, {"serve", "--workers", "2"});
    server.signal(number);
    server.expect_end({.code = 0});
  }
}

}  // namespace
}  // namespace tollgate::test
