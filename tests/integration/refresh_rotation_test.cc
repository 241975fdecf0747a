// A refresh token serves once, whoever asks at the same time, and wherever.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <barrier>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

constexpr std::string_view kBlacklisted =
    R"({"detail":"Token is blacklisted","code":"token_not_valid"})";

const std::vector<std::string> kRotating = {"serve",
                                            "--workers",
                                            "4",
                                            "--rotate-refresh-tokens",
                                            "--token-blacklist",
                                            "--blacklist-after-rotation"};

std::string refresh_body(const std::string& token) { return R"({"refresh":")" + token + "\"}"; }

nlohmann::json log_in(const Address& address) {
  const HttpResponse response = post_json(
      address, "/api/token/", R"({"username":"alice","password":")" + password_of("alice") + "\"}");
  EXPECT_EQ(response.status, 200) << response.body;
  return nlohmann::json::parse(response.body);
}

// All at once, each on a connection that is there before.
std::vector<HttpResponse> ask_in_parallel(const Address& address, std::string_view target,
                                          const std::string& body, std::size_t clients) {
  std::vector<HttpResponse> responses(clients);
  std::barrier start(static_cast<std::ptrdiff_t>(clients));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < clients; ++i)
    threads.emplace_back([&, i] {
      HttpClient client(address);
      start.arrive_and_wait();
      const auto response =
          client.exchange("POST", target, {{"Content-Type", "application/json"}}, body);
      if (response) responses[i] = *response;
    });
  for (std::thread& thread : threads) thread.join();
  return responses;
}

void expect_one_success(const std::vector<HttpResponse>& responses) {
  const auto won = std::ranges::count(responses, 200, &HttpResponse::status);
  EXPECT_EQ(won, 1);
  for (const HttpResponse& response : responses) {
    if (response.status == 200) continue;
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(response.body, kBlacklisted);
  }
}

TEST(RefreshRotation, OfParallelRefreshesOfOneTokenOneSucceeds) {
  const Site site;
  const ServerProcess server(site, kRotating);
  std::string token = log_in(server.address())["refresh"];
  for (int round = 0; round < 10; ++round) {
    SCOPED_TRACE(round);
    const auto responses =
        ask_in_parallel(server.address(), "/api/token/refresh/", refresh_body(token), 64);
    expect_one_success(responses);
    const auto winner = std::ranges::find(responses, 200, &HttpResponse::status);
    ASSERT_NE(winner, responses.end());
    token = nlohmann::json::parse(winner->body)["refresh"];
  }
}

TEST(RefreshRotation, OfParallelLogoutsOfOneTokenOneSucceeds) {
  const Site site;
  const ServerProcess server(site, kRotating);
  const std::string token = log_in(server.address())["refresh"];
  expect_one_success(
      ask_in_parallel(server.address(), "/api/token/blacklist/", refresh_body(token), 32));
}

TEST(RefreshRotation, WithoutTheBlacklistTheUsedTokenStaysValidAndThereIsNoLogout) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1", "--rotate-refresh-tokens"});
  const std::string body = refresh_body(log_in(server.address())["refresh"]);
  EXPECT_EQ(post_json(server.address(), "/api/token/refresh/", body).status, 200);
  EXPECT_EQ(post_json(server.address(), "/api/token/refresh/", body).status, 200);
  EXPECT_EQ(post_json(server.address(), "/api/token/blacklist/", body).status, 404);
}

TEST(RefreshRotation, ABlacklistingThatWouldDoNothingIsAConfigurationError) {
  const Site site;
  const Process process(site.server({"serve", "--blacklist-after-rotation"}));
  EXPECT_TRUE(process.err().wait_for("needs token_blacklist = true"));
}

// What simplejwt's CHECK_REVOKE_TOKEN does, at the gate and at refresh.
TEST(RefreshRotation, APasswordChangeEndsTheTokensWhereTheyHoldItsFingerprint) {
  const Site site;
  std::vector<std::string> arguments = kRotating;
  arguments.emplace_back("--check-revoke-token");
  const ServerProcess server(site, arguments);
  const auto pair = log_in(server.address());
  const Fields access = bearer(pair["access"].get<std::string>());
  EXPECT_EQ(get(server.address(), "/api/me", access).status, 200);
  Command change =
      site.command({"users", "passwd", "--database", site.database(), "--password-stdin", "alice"});
  change.input = "another PASSWORD\n";
  EXPECT_EQ(run(change).status, (ExitStatus{.code = 0}));
  // The cache of users looks for changes every 10 ms.
  const Deadline deadline(kPatience);
  HttpResponse me = get(server.address(), "/api/me", access);
  while (me.status == 200 && !deadline.passed()) me = get(server.address(), "/api/me", access);
  EXPECT_EQ(me.status, 401);
  EXPECT_EQ(me.body,
            R"({"detail":"The user's password has been changed.","code":"password_changed"})");
  const std::string body = refresh_body(pair["refresh"]);
  const HttpResponse first = post_json(server.address(), "/api/token/refresh/", body);
  EXPECT_EQ(first.status, 401);
  EXPECT_EQ(first.body, R"({"detail":"The user's password has been changed."})");
  EXPECT_EQ(post_json(server.address(), "/api/token/refresh/", body).body, kBlacklisted);
}

}  // namespace
}  // namespace tollgate::test
