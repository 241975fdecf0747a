// What a worker does when it has all the connections, or descriptors, that it may have.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <poll.h>

#include <deque>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

using Json = nlohmann::json;

class Descriptors : public testing::Test {
 protected:
  Command with_control(Command command) const {
    command.environment.push_back("XDG_RUNTIME_DIR=" + site_.directory().path());
    return command;
  }
  Json tallies() const {
    const Finished asked = run(with_control(site_.command({"ctl", "status", "--json"})));
    return Json::parse(asked.out)["tallies"];
  }

  const Site site_;
};

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST_F(Descriptors, RunOutAndComeBackAndNoConnectedClientNotices) {
  // Without deferral the clients, which say nothing, are accepted in their order.
  const Command server_command = with_control(
      site_.server({"serve", "--workers", "1", "--keep-alive", "1h", "--header-timeout", "1h",
                    "--defer-accept", "0", "--body-buffer", "0"}));
  Command limited = server_command;
  limited.arguments = {"/bin/sh", "-c", "ulimit -n 64; exec \"$@\"", "sh"};
  limited.arguments.insert(limited.arguments.end(), server_command.arguments.begin(),
                           server_command.arguments.end());
  const ServerProcess server(limited);
  std::deque<HttpClient> clients;
  clients.emplace_back(server.address());
  ASSERT_EQ(clients.front().exchange("GET", "/plain")->status, 200);
  for (int i = 0; i < 80; ++i) clients.emplace_back(server.address());
  ASSERT_TRUE(server.log().wait_for("accepting pauses: accept4")) << server.log().text();

  const Fields json = {{"Content-Type", "application/json"}};
  for (int i = 0; i < 20; ++i) EXPECT_EQ(clients.front().exchange("GET", "/plain")->status, 200);
  // A file for a body is one more: its client is told, and loses nothing but this request.
  const auto unserved = clients[1].exchange("POST", "/echo", json, "[1]");
  ASSERT_TRUE(unserved) << to_string(unserved.error());
  EXPECT_EQ(unserved->status, 503);
  EXPECT_TRUE(server.log().wait_for("(EMFILE)")) << server.log().text();

  // Those that wait in the kernel are served as others leave.
  HttpClient& waiting = clients.back();
  waiting.send(request("GET", "/plain"));
  for (int i = 0; i < 40; ++i) clients.erase(clients.begin() + 1);
  const auto served = waiting.receive();
  ASSERT_TRUE(served) << to_string(served.error());
  EXPECT_EQ(served->status, 200);
  ASSERT_TRUE(server.log().wait_for("accepting goes on")) << server.log().text();
  EXPECT_EQ(clients.front().exchange("POST", "/echo", json, "[1]")->body, "[1]");
  EXPECT_EQ(count(server.log().text(), "accepting pauses"), 1U) << server.log().text();
  const Json told = tallies();
  EXPECT_EQ(told["no_descriptors"], 1);
  EXPECT_EQ(told["no_temp_files"], 1);
}

TEST_F(Descriptors, OfAllConnectionsThatAWorkerMayHoldAreCountedWhenTheyAreTaken) {
  const ServerProcess server(with_control(site_.server(
      {"serve", "--workers", "1", "--worker-connections", "1", "--keep-alive", "1h"})));
  HttpClient first(server.address());
  first.send(request("GET", "/block/2000"));  // it is worked for: nobody takes its place
  const HttpClient second(server.address());
  const Deadline deadline(kPatience);
  while (tallies()["full_connections"] == 0 && !deadline.passed()) poll(nullptr, 0, 5);
  EXPECT_GE(tallies()["full_connections"], 1);
  EXPECT_EQ(tallies()["evicted"], 0);
}

TEST_F(Descriptors, OfOneClientAreLimited) {
  const ServerProcess server(with_control(site_.server(
      {"serve", "--workers", "1", "--client-connections", "2", "--keep-alive", "1h"})));
  std::deque<HttpClient> welcome;
  for (int i = 0; i < 2; ++i) {
    welcome.emplace_back(server.address());
    ASSERT_EQ(welcome.back().exchange("GET", "/plain")->status, 200);
  }
  const Stopwatch watch;
  {
    HttpClient refused(server.address());
    const auto response = refused.receive();  // which has asked for nothing
    ASSERT_TRUE(response) << to_string(response.error());
    EXPECT_EQ(response->status, 503);
    EXPECT_EQ(response->field("Retry-After"), "1");
    EXPECT_TRUE(response->closes());
    EXPECT_TRUE(refused.is_closed());
    HttpClient asks(server.address());
    EXPECT_EQ(asks.exchange("GET", "/plain")->status, 503);
    // These two linger, and one more is not even told.
    HttpClient dropped(server.address());
    EXPECT_FALSE(dropped.exchange("GET", "/plain"));
  }
  for (HttpClient& client : welcome) EXPECT_EQ(client.exchange("GET", "/plain")->status, 200);
  EXPECT_EQ(tallies()["refused_clients"], 3);
  welcome.pop_back();
  const Deadline deadline(kPatience);
  for (;;) {
    HttpClient next(server.address());
    const auto response = next.exchange("GET", "/plain");
    if (response && response->status == 200) break;
    ASSERT_FALSE(deadline.passed());
  }
}

}  // namespace
}  // namespace tollgate::test
