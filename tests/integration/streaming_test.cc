// Bodies that are made while they are sent, by the real binary over real sockets.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "tests/support/http_client.h"
#include "tests/support/load.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

constexpr const char* kApplication = TEST_APPLICATIONS "/libtest_stream.so";

std::vector<std::string> serve(std::initializer_list<std::string> more = {}) {
  std::vector<std::string> line = {"serve", kApplication, "--workers", "1"};
  line.insert(line.end(), more);
  return line;
}

std::string lines(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    std::string line = std::to_string(i);
    line.resize(1023, '.');
    out += line + "\n";
  }
  return out;
}

std::size_t resident_pages(pid_t pid) {
  std::size_t all = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/" + std::to_string(pid) + "/statm") >> all >> resident;
  EXPECT_GT(resident, 0U);
  return resident;
}

// The number that the server says listens; asked until it is `count`.
void expect_listeners(const Address& address, const std::string& count) {
  std::string last;
  for (const Deadline deadline(kPatience); last != count && !deadline.passed();)
    last = get(address, "/listeners").body;
  EXPECT_EQ(last, count);
}

TEST(Stream, ArrivesWholeFromLoopAndPoolAndUnderDev) {
  const Site site;
  const std::string expected = lines(3000);
  for (const bool dev : {false, true}) {
    ServerProcess server(site, dev ? std::vector<std::string>{"dev", kApplication} : serve());
    HttpClient client(server.address());
    for (const char* target : {"/lines/3000", "/blocking/3000", "/lines/0"}) {
      const auto response = client.exchange("GET", target);
      ASSERT_TRUE(response) << target << " " << to_string(response.error());
      EXPECT_EQ(response->status, 200);
      EXPECT_TRUE(response->body == (target == std::string("/lines/0") ? "" : expected)) << target;
    }
  }
}

TEST(Stream, IsMadeNoFasterThanItsClientTakesIt) {
  const Site site;
  ServerProcess server(site, serve({"--threads", "1"}));
  HttpClient slow(server.address());
  slow.send(request("GET", "/blocking/1000000"));  // 1 GB: far more than fits anywhere
  ASSERT_TRUE(slow.receive_until("999....."));
  // The one thread has other work, and so has the loop.
  EXPECT_EQ(get(server.address(), "/blocking/10").body, lines(10));
  EXPECT_LT(resident_pages(server.workers().at(0)), (96U << 20) / 4096);
}

TEST(Stream, ThatFailsIsNotTakenForComplete) {
  const Site site;
  ServerProcess server(site, serve());
  HttpClient client(server.address());
  client.send(request("GET", "/throws"));
  ASSERT_TRUE(client.receive_until("piece\n"));
  EXPECT_FALSE(client.receive_until("0\r\n\r\n"));
  ASSERT_TRUE(server.log().wait_for(
      "its response is cut short: std::runtime_error: no luck with the fourth"));
  EXPECT_EQ(get(server.address(), "/plain").status, 200);
}

TEST(Push, ReachesWhoListensAndCountsWhoLeft) {
  const Site site;
  ServerProcess server(site, serve());
  HttpClient one(server.address());
  auto two = std::make_unique<HttpClient>(server.address());
  for (HttpClient* client : {&one, two.get()}) {
    client->send(request("GET", "/events"));
    ASSERT_TRUE(client->receive_until("data: welcome\n\n"));
  }
  expect_listeners(server.address(), "2");
  EXPECT_EQ(fetch(server.address(), "POST", "/say/hello").status, 204);
  EXPECT_TRUE(one.receive_until("data: hello\n\n"));
  EXPECT_TRUE(two->receive_until("data: hello\n\n"));
  two.reset();
  expect_listeners(server.address(), "1");
  fetch(server.address(), "POST", "/say/bye");
  EXPECT_TRUE(one.receive_until("data: bye\n\n\r\n0\r\n\r\n"));
  expect_listeners(server.address(), "0");
  EXPECT_EQ(one.exchange("GET", "/plain")->body, "plain\n") << "the connection lives on";
}

TEST(Push, ThatIsAbortedIsNotTakenForComplete) {
  const Site site;
  ServerProcess server(site, serve());
  HttpClient client(server.address());
  client.send(request("GET", "/events"));
  ASSERT_TRUE(client.receive_until("data: welcome\n\n"));
  fetch(server.address(), "POST", "/say/break");
  EXPECT_FALSE(client.receive_until("0\r\n\r\n"));
}

TEST(Push, EndsCompleteWhenItsWorkerIsReplaced) {
  const Site site;
  ServerProcess server(site, serve());
  HttpClient client(server.address());
  client.send(request("GET", "/events"));
  ASSERT_TRUE(client.receive_until("data: welcome\n\n"));
  const Stopwatch watch;
  server.signal(SIGHUP);
  EXPECT_TRUE(client.receive_until("0\r\n\r\n"));
  ASSERT_TRUE(server.log().wait_for("reload: done"));
  EXPECT_LT(watch.elapsed(), 10s) << "it does not hold the old worker until graceful_timeout";
}

TEST(Response, ThatCouldBeSplitIsRefusedAndLoggedAsOurs) {
  const Site site;
  ServerProcess server(site, serve());
  const HttpResponse response = get(server.address(), "/split", bearer(site.token(2)));
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.find("set-cookie"), nullptr);
  EXPECT_TRUE(server.log().wait_for("a status or field of its response cannot be sent"));
}

TEST(Connection, EndsWithItsLastRequestAndLosesNone) {
  const Site site;
  ServerProcess server(site, serve({"--keepalive-requests", "7"}));
  Load load(server.address(), {.clients = 4, .target = "/plain", .body = "plain\n"});
  ASSERT_TRUE(load.wait_for_answers(500));
  const Load::Report report = load.stop();
  expect_no_loss(report);
  EXPECT_GE(report.connections, report.answers / 7);
}

}  // namespace
}  // namespace tollgate::test
