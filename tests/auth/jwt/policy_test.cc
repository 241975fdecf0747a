// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/policy.h"

#include <gtest/gtest.h>

#include <functional>

namespace tollgate::jwt {
namespace {

constexpr int64_t kNow = 1'000'000;
WallTime now(milliseconds later = 0ms) { return WallTime(std::chrono::seconds(kNow)) + later; }

Claims good() {
  Claims claims;
  claims.exp = kNow + 300;
  claims.iat = kNow;
  claims.jti = "id";
  claims.token_type = {true, "access"};
  claims.user_id = {true, 1};
  return claims;
}

const Policy access_policy{.type = TokenType::Access};

struct Case {
  const char* name;
  std::function<void(Claims&)> change;
  std::optional<Refusal> expected;
};

TEST(Policy, RefusesWithSimplejwtsReason) {
  const Case cases[] = {
      {"nothing wrong", [](Claims&) {}, std::nullopt},
      {"exp in this second", [](Claims& c) { c.exp = kNow; }, Refusal::Expired},
      {"exp in the next second", [](Claims& c) { c.exp = kNow + 1; }, std::nullopt},
      {"exp at the end of time", [](Claims& c) { c.exp = kLatestDate; }, std::nullopt},
      {"iat in this second", [](Claims& c) { c.iat = kNow; }, std::nullopt},
      {"iat in the next second", [](Claims& c) { c.iat = kNow + 1; }, Refusal::Invalid},
      {"no iat", [](Claims& c) { c.iat = {}; }, std::nullopt},
      {"nbf in this second", [](Claims& c) { c.nbf = kNow; }, std::nullopt},
      {"nbf in the next second", [](Claims& c) { c.nbf = kNow + 1; }, Refusal::Invalid},
      {"nbf at the end of time", [](Claims& c) { c.nbf = kLatestDate; }, Refusal::Invalid},
      {"no exp", [](Claims& c) { c.exp = {}; }, Refusal::NoExp},
      {"no jti", [](Claims& c) { c.jti = {}; }, Refusal::NoId},
      {"an empty jti", [](Claims& c) { c.jti = ""; }, Refusal::NoId},
      {"no token_type", [](Claims& c) { c.token_type = {}; }, Refusal::NoType},
      {"token_type a number",
       [](Claims& c) {
         c.token_type = {true, {}};
       },
       Refusal::WrongType},
      {"a refresh token",
       [](Claims& c) {
         c.token_type = {true, "refresh"};
       },
       Refusal::WrongType},
      {"a sliding token",
       [](Claims& c) {
         c.token_type = {true, "sliding"};
       },
       Refusal::WrongType},
      {"ACCESS",
       [](Claims& c) {
         c.token_type = {true, "ACCESS"};
       },
       Refusal::WrongType},
      {"no user_id", [](Claims& c) { c.user_id = {}; }, Refusal::NoUserId},
      {"a strange user_id",
       [](Claims& c) {
         c.user_id = {true, {}};
       },
       Refusal::UnknownUserId},
      {"strange iss and aud",
       [](Claims& c) {
         c.iss = {true, {}}, c.aud = {true, {}};
       },
       {}},
  };
  for (const auto& test : cases) {
    Claims claims = good();
    test.change(claims);
    EXPECT_EQ(check(claims, access_policy, now()), test.expected) << test.name;
  }
}

TEST(Policy, WhatIsWrongFirstIsTold) {
  Claims claims = good();
  claims.exp = kNow - 1;
  claims.jti = {};
  claims.token_type = {};
  EXPECT_EQ(check(claims, access_policy, now()), Refusal::Expired);
  claims.iat = kNow + 5;
  EXPECT_EQ(check(claims, access_policy, now()), Refusal::Invalid);
  claims.iat = {};
  claims.exp = {};
  EXPECT_EQ(check(claims, access_policy, now()), Refusal::NoExp);
  claims.exp = kNow + 1;
  EXPECT_EQ(check(claims, access_policy, now()), Refusal::NoId);
}

TEST(Policy, LeewayMovesAllThreeDates) {
  Policy policy = access_policy;
  policy.leeway = 10s;
  const auto with = [&](int64_t exp, int64_t iat, int64_t nbf, milliseconds later = 0ms) {
    Claims claims = good();
    claims.exp = exp;
    claims.iat = iat;
    claims.nbf = nbf;
    return check(claims, policy, now(later));
  };
  EXPECT_EQ(with(kNow - 9, kNow + 10, kNow + 10), std::nullopt);
  EXPECT_EQ(with(kNow - 10, kNow, kNow), Refusal::Expired);
  EXPECT_EQ(with(kNow - 9, kNow, kNow, 999ms), std::nullopt);
  EXPECT_EQ(with(kNow - 9, kNow, kNow, 1000ms), Refusal::Expired);
  EXPECT_EQ(with(kNow + 9, kNow + 11, kNow), Refusal::Invalid);
  EXPECT_EQ(with(kNow + 9, kNow + 11, kNow, 1000ms), std::nullopt);
  EXPECT_EQ(with(kNow + 9, kNow, kNow + 11), Refusal::Invalid);
}

TEST(Policy, UserIdRulesAreTheGatesRefreshsAndVerifys) {
  Claims absent = good();
  absent.user_id = {};
  Claims strange = good();
  strange.user_id = {true, {}};
  const auto with = [](UserIdRule rule, const Claims& claims) {
    return check(claims, Policy{.user_id = rule}, now());
  };
  EXPECT_EQ(with(UserIdRule::Required, absent), Refusal::NoUserId);
  EXPECT_EQ(with(UserIdRule::IfPresent, absent), std::nullopt);
  EXPECT_EQ(with(UserIdRule::IfPresent, strange), Refusal::UnknownUserId);
  EXPECT_EQ(with(UserIdRule::Ignored, strange), std::nullopt);
}

TEST(Policy, AnyTypeMeansNoneToo) {
  Claims claims = good();
  claims.token_type = {};
  EXPECT_EQ(check(claims, Policy{}, now()), std::nullopt);
}

TEST(Policy, AnotherTypeMayDoAsWell) {
  Claims claims = good();
  claims.token_type = {true, "sliding"};
  Policy policy{.type = TokenType::Access};
  EXPECT_EQ(check(claims, policy, now()), Refusal::WrongType);
  policy.or_type = TokenType::Sliding;
  EXPECT_EQ(check(claims, policy, now()), std::nullopt);
  claims.token_type = {true, "refresh"};
  EXPECT_EQ(check(claims, policy, now()), Refusal::WrongType);
}

TEST(Policy, IssuerAndAudienceMustMatchOnceTheyAreAskedFor) {
  Policy policy;
  policy.issuer = "me";
  Claims claims = good();
  EXPECT_EQ(check(claims, policy, now()), Refusal::Invalid);
  claims.iss = {true, "me2"};
  EXPECT_EQ(check(claims, policy, now()), Refusal::Invalid);
  claims.iss = {true, "me"};
  EXPECT_EQ(check(claims, policy, now()), std::nullopt);

  policy.audience = "svc";
  EXPECT_EQ(check(claims, policy, now()), Refusal::Invalid);
  claims.aud = {true, {{"other", "svc"}}};
  EXPECT_EQ(check(claims, policy, now()), std::nullopt);
  claims.aud = {true, {{"other"}}};
  EXPECT_EQ(check(claims, policy, now()), Refusal::Invalid);
}

// RFC 7519 4.1.3: who names no audience of his own is in nobody's.
TEST(Policy, WithoutAnAudienceMayRefuseWhatIsForSomebody) {
  Policy policy{.takes_any_audience = false};
  Claims claims = good();
  EXPECT_EQ(check(claims, policy, now()), std::nullopt);
  claims.aud = {true, {{"svc"}}};
  EXPECT_EQ(check(claims, policy, now()), Refusal::Invalid);
  claims.aud = {true, std::nullopt};
  EXPECT_EQ(check(claims, policy, now()), Refusal::Invalid);
  policy.takes_any_audience = true;
  EXPECT_EQ(check(claims, policy, now()), std::nullopt);
}

TEST(Policy, TheSentencesAreSimplejwts) {
  EXPECT_EQ(message(Refusal::Invalid), "Token is invalid");
  EXPECT_EQ(message(Refusal::Expired), "Token is expired");
  EXPECT_EQ(message(Refusal::WrongType), "Token has wrong type");
  EXPECT_EQ(message(Refusal::NoId), "Token has no id");
  EXPECT_EQ(message(Refusal::NoType), "Token has no type");
  EXPECT_EQ(message(Refusal::NoExp), "Token has no 'exp' claim");
  EXPECT_EQ(message(Refusal::NoUserId), "Token contained no recognizable user identification");
}

}  // namespace
}  // namespace tollgate::jwt
