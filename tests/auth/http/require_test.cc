// SPDX-License-Identifier: Apache-2.0
#include "auth/http/require.h"

#include <gtest/gtest.h>

#include "auth/http/answers.h"

namespace tollgate::auth {
namespace {

using http::Pass;
using http::Response;
using http::Verdict;

class RequireTest : public testing::Test {
 protected:
  // What a way does, and whether it does so on a pool.
  enum class Says : uint8_t { Nothing, Knows, Refuses, Breaks };
  Way way(Says says, bool later = false, std::string challenge = R"(Bearer realm="api")") {
    const auto act = [this, says](http::Exchange& exchange) -> Verdict {
      asked_ += std::to_string(static_cast<int>(says));
      if (says == Says::Refuses) {
        exchange.request.identity.claims = "{}";
        return unauthorized("refused");
      }
      if (says == Says::Breaks) return Response(503);
      if (says == Says::Knows) exchange.request.identity.authenticated = true;
      return Pass{};
    };
    if (!later) return {act, std::move(challenge)};
    return {[act](http::Exchange& exchange) -> Verdict {
              return http::Pending{[act, &exchange] { return act(exchange); }};
            },
            std::move(challenge)};
  }

  // As a connection asks: the status, 0 for Pass.
  int ask(Requirement requirement) {
    exchange_ = std::make_unique<http::Exchange>();
    asked_.clear();
    const http::GateStep step = require(std::move(requirement));
    Verdict verdict = step(*exchange_);
    while (auto* found = std::get_if<http::Pending>(&verdict)) {
      const http::Pending pending = std::move(*found);
      verdict = pending.look_up();
      if (std::holds_alternative<Pass>(verdict) && pending.then) verdict = pending.then();
    }
    const auto* response = std::get_if<Response>(&verdict);
    const auto* challenge = response ? response->header("WWW-Authenticate") : nullptr;
    challenge_ = challenge ? *challenge : "";
    return response ? response->status() : 0;
  }

  std::unique_ptr<http::Exchange> exchange_;
  std::string asked_;
  std::string challenge_;
};

TEST_F(RequireTest, AsksUntilOneKnowsTheCallerOrRefuses) {
  for (const bool later : {false, true}) {
    EXPECT_EQ(ask({{way(Says::Nothing, later), way(Says::Knows, later), way(Says::Refuses)},
                   is_authenticated()}),
              0);
    EXPECT_EQ(asked_, "01");
    EXPECT_EQ(ask({{way(Says::Refuses, later), way(Says::Knows)}, allow_anyone()}), 401);
    EXPECT_EQ(asked_, "2");
    EXPECT_FALSE(exchange_->request.identity.authenticated);
    EXPECT_EQ(exchange_->request.identity.claims, "");
    EXPECT_EQ(ask({{way(Says::Nothing, later), way(Says::Nothing, later)}, allow_anyone()}), 0);
    EXPECT_EQ(asked_, "00");
  }
}

TEST_F(RequireTest, TheFirstWaysChallengeIsTold) {
  const std::string basic = R"(Basic realm="api")";
  EXPECT_EQ(ask({{way(Says::Nothing, false, basic), way(Says::Refuses)}, allow_anyone()}), 401);
  EXPECT_EQ(challenge_, basic);
  EXPECT_EQ(ask({{way(Says::Nothing, true, basic)}, is_authenticated()}), 401);
  EXPECT_EQ(challenge_, basic);
  EXPECT_EQ(ask({{way(Says::Nothing), way(Says::Nothing, false, basic)}, is_authenticated()}), 401);
  EXPECT_EQ(challenge_, R"(Bearer realm="api")");
}

TEST_F(RequireTest, LenientIsItWithCredentialsAndNotWithFailures) {
  for (const bool later : {false, true}) {
    EXPECT_EQ(ask({{way(Says::Refuses, later), way(Says::Knows, later)},
                   is_authenticated(),
                   /*lenient=*/true}),
              0);
    EXPECT_EQ(asked_, "21");
    EXPECT_EQ(ask({{way(Says::Breaks, later)}, allow_anyone(), true}), 503);
    EXPECT_EQ(ask({{way(Says::Refuses, later)}, is_authenticated(), true}), 401);
  }
}

TEST_F(RequireTest, WithoutAWayNobodyIsKnown) {
  EXPECT_EQ(ask({{}, is_authenticated()}), 403);
  EXPECT_EQ(challenge_, "");
  EXPECT_EQ(ask({{}, allow_anyone()}), 0);
}

TEST_F(RequireTest, WhoIsKnownAndMayNotIsToldSoInThePermissionsWords) {
  EXPECT_EQ(ask({{way(Says::Knows)}, is_admin()}), 403);
  const Response plain = permission_denied();
  EXPECT_EQ(plain.body(), R"({"detail":"You do not have permission to perform this action."})");
  EXPECT_EQ(permission_denied(is_admin().says("Admins.", "x").denial()).body(),
            R"({"detail":"Admins.","code":"x"})");
}

}  // namespace
}  // namespace tollgate::auth
