// SPDX-License-Identifier: Apache-2.0
#include "auth/tokens/token_service.h"

#include <thread>
#include <vector>

#include "tests/auth/crypto/cpu_cost.h"
#include "tests/auth/tokens/token_service_fixture.h"

namespace tollgate::tokens {
namespace {

TEST_F(TokenServiceTest, APairIsWhatSimplejwtWrites) {
  const auto pair = service_->obtain(store_.users[1], at(kNow));
  ASSERT_TRUE(pair);
  EXPECT_EQ(
      without_jti(pair->refresh),
      R"({"token_type":"refresh","exp":1795429900,"iat":1795343500,"jti":"<jti>","user_id":"1"})");
  EXPECT_EQ(
      without_jti(pair->access),
      R"({"token_type":"access","exp":1795343800,"iat":1795343500,"jti":"<jti>","user_id":"1"})");
  EXPECT_NE(jti(pair->refresh), jti(pair->access));
}

TEST_F(TokenServiceTest, LifetimesAndTheTypeOfTheUserIdAreSettings) {
  const auto service =
      make({.access_lifetime = 10s, .refresh_lifetime = 20s, .user_id_type = UserIdType::Integer});
  const auto pair = service->obtain(store_.users[1], at(kNow) + 900ms);
  ASSERT_TRUE(pair);
  EXPECT_NE(payload(pair->access).find(R"("exp":1795343510,"iat":1795343500)"), std::string::npos);
  EXPECT_NE(payload(pair->refresh).find(R"("exp":1795343520,)"), std::string::npos);
  EXPECT_NE(payload(pair->access).find(R"("user_id":1})"), std::string::npos);
  EXPECT_TRUE(service->refresh(pair->refresh, at(kNow) + 1s));
}

TEST_F(TokenServiceTest, TheSettingsComeFromTheConfiguration) {
  Config config;
  config.access_token_lifetime = 7s;
  config.refresh_token_lifetime = 8s;
  config.leeway = 9s;
  config.user_id_type = UserIdType::Integer;
  const TokenSettings settings = token_settings(config);
  EXPECT_EQ(settings.access_lifetime, 7s);
  EXPECT_EQ(settings.refresh_lifetime, 8s);
  EXPECT_EQ(settings.leeway, 9s);
  EXPECT_EQ(settings.user_id_type, UserIdType::Integer);
}

TEST_F(TokenServiceTest, AnInactiveUserGetsNoTokens) {
  const auto pair = service_->obtain(store_.users[2], at(kNow));
  ASSERT_FALSE(pair);
  EXPECT_EQ(pair.error().reason, Reason::NoActiveAccount);
}

TEST_F(TokenServiceTest, RefreshGivesANewAccessToken) {
  const auto pair = service_->obtain(store_.users[1], at(kNow));
  ASSERT_TRUE(pair);
  const auto access = service_->refresh(pair->refresh, at(kNow + 100));
  ASSERT_TRUE(access);
  EXPECT_FALSE(access->refresh);
  EXPECT_EQ(
      without_jti(access->access),
      R"({"token_type":"access","exp":1795343900,"iat":1795343600,"jti":"<jti>","user_id":"1"})");
  EXPECT_NE(jti(access->access), jti(pair->access));
}

TEST_F(TokenServiceTest, RefreshCopiesCustomClaimsAndTheUserIdAsItWas) {
  const auto access = service_->refresh(
      refresh_token(R"(,"user_id":1,"roles":["a", "b"],"name":"\u00e9","refresh_exp":5)"),
      at(kNow));
  ASSERT_TRUE(access);
  const std::string json = payload(access->access);
  EXPECT_TRUE(json.ends_with(R"(,"user_id":1,"roles":["a","b"],"name":"é","refresh_exp":5})"))
      << json;
  EXPECT_EQ(json.find(R"("jti":"a1")"), std::string::npos) << json;
}

TEST_F(TokenServiceTest, RefreshRefusesWithSimplejwtsWords) {
  const auto invalid = Reason::TokenNotValid;
  expect_refused("garbage", invalid, "Token is invalid");
  expect_refused(forge(kHeader, kAccess), invalid, "Token has wrong type");
  expect_refused(forge(kHeader, R"({"token_type":"refresh","exp":1795343500,"jti":"a"})"), invalid,
                 "Token is expired");
  expect_refused(forge(kHeader, R"({"token_type":"refresh","exp":1795429808})"), invalid,
                 "Token has no id");
  expect_refused(refresh_token(R"(,"user_id":"abc")"), Reason::NoActiveAccount,
                 "No active account found for the given token.");
}

TEST_F(TokenServiceTest, RefreshLooksAtTheUser) {
  const std::string_view message = "No active account found for the given token.";
  expect_refused(refresh_token(R"(,"user_id":"2")"), Reason::NoActiveAccount, message);
  expect_refused(refresh_token(R"(,"user_id":"99999")"), Reason::NoActiveAccount, message);
  store_.users[1].is_active = false;
  expect_refused(refresh_token(R"(,"user_id":"1")"), Reason::NoActiveAccount, message);
  // simplejwt refreshes what names no user; no gate takes the result.
  const auto access = service_->refresh(refresh_token(""), at(kNow));
  ASSERT_TRUE(access);
  auto verifier = jwt::Verifier::create(key());
  EXPECT_EQ(verifier->verify(access->access, {.type = jwt::TokenType::Access}, at(kNow)).error(),
            jwt::Refusal::NoUserId);
}

TEST_F(TokenServiceTest, VerifyTakesEveryTypeAndAsksNobody) {
  store_.broken = true;
  const auto pair = service_->obtain(store_.users[1], at(kNow));
  ASSERT_TRUE(pair);
  EXPECT_TRUE(service_->verify(pair->access, at(kNow)));
  EXPECT_TRUE(service_->verify(pair->refresh, at(kNow)));
  EXPECT_TRUE(service_->verify(forge(kHeader, R"({"exp":1795429808,"jti":"a"})"), at(kNow)));
  const auto expired = service_->verify(pair->access, at(kNow + 300));
  ASSERT_FALSE(expired);
  EXPECT_EQ(expired.error().error.message, "Token is expired");
  EXPECT_EQ(service_->verify("x", at(kNow)).error().error.message, "Token is invalid");
}

TEST_F(TokenServiceTest, AtJwtIsTheTypeOfAccessTokensAloneAndASetting) {
  const auto service = make({.write_at_jwt = true});
  const auto pair = service->obtain(store_.users[1], at(kNow));
  ASSERT_TRUE(pair);
  const std::string at_jwt = b64(R"({"alg":"HS256","typ":"at+jwt"})") + ".";
  EXPECT_TRUE(pair->access.starts_with(at_jwt));
  EXPECT_FALSE(pair->refresh.starts_with(at_jwt));
  EXPECT_TRUE(service->refresh(pair->refresh, at(kNow))->access.starts_with(at_jwt));
  EXPECT_FALSE(service_->obtain(store_.users[1], at(kNow))->access.starts_with(at_jwt));
}

TEST_F(TokenServiceTest, LeewayIsASetting) {
  const auto service = make({.leeway = 10s});
  const auto pair = service->obtain(store_.users[1], at(kNow));
  ASSERT_TRUE(pair);
  EXPECT_TRUE(service->verify(pair->access, at(kNow + 309)));
  EXPECT_FALSE(service->verify(pair->access, at(kNow + 310)));
  EXPECT_FALSE(service_->verify(pair->access, at(kNow + 309)));
}

TEST_F(TokenServiceTest, AuthenticateWantsTheRightPasswordOfAnActiveUser) {
  const auto alice = service_->authenticate("alice", "wonderland-9");
  ASSERT_TRUE(alice);
  EXPECT_EQ(alice->id, 1);
  const std::pair<std::string_view, std::string_view> refused[] = {
      {"alice", "wonderland-8"},  {"alice", ""}, {"bob", "builder-9"},
      {"nobody", "wonderland-9"}, {"", ""},      {"ALICE", "wonderland-9"}};
  for (const auto& [username, password] : refused) {
    const auto user = service_->authenticate(username, password);
    ASSERT_FALSE(user) << username;
    EXPECT_EQ(user.error().reason, Reason::NoActiveAccount);
    EXPECT_EQ(user.error().error.message, "No active account found with the given credentials");
  }
}

TEST_F(TokenServiceTest, AStoreThatFailsIsNotTheClientsFault) {
  store_.broken = true;
  const auto user = service_->authenticate("alice", "wonderland-9");
  ASSERT_FALSE(user);
  EXPECT_EQ(user.error().reason, Reason::Failed);
  EXPECT_EQ(user.error().error.code, Errc::Unavailable);
  const auto access = service_->refresh(refresh_token(R"(,"user_id":1)"), at(kNow));
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().reason, Reason::Failed);
}

TEST_F(TokenServiceTest, TheTimeDoesNotTellWhetherAnAccountExists) {
  const auto login = [this](std::string_view username, std::string_view password) {
    return [this, username, password] {
      static_cast<void>(service_->authenticate(username, password));
    };
  };
  const auto costs = crypto::test::cpu_costs({login("alice", "wrong"), login("nobody", "wrong"),
                                              login("bob", "wrong"), login("bob", "builder-9")});
  for (const double cost : costs) {
    EXPECT_GT(cost, costs[0] * 0.5);
    EXPECT_LT(cost, costs[0] * 2);
  }
}

TEST_F(TokenServiceTest, ThreadsMayShareIt) {
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([this] {
      for (int round = 0; round < 100; ++round) {
        const auto pair = service_->obtain(store_.users.at(1), at(kNow));
        ASSERT_TRUE(pair);
        EXPECT_TRUE(service_->verify(pair->access, at(kNow)));
        EXPECT_TRUE(service_->refresh(pair->refresh, at(kNow)));
      }
    });
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace tollgate::tokens
