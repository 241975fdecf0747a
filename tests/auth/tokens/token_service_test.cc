// SPDX-License-Identifier: Apache-2.0
#include "auth/tokens/token_service.h"

#include <gtest/gtest.h>

#include <map>
#include <thread>
#include <vector>

#include "tests/auth/crypto/cpu_cost.h"
#include "tests/auth/jwt/forge.h"

namespace tollgate::tokens {
namespace {

using namespace jwt::test;
using Reason = Rejection::Reason;

// Users in memory; fails when told to.
class FakeStore final : public users::UserStore {
 public:
  std::map<int64_t, users::User> users;
  bool broken = false;

  Result<std::optional<users::User>> find_by_name(std::string_view username) override {
    if (broken) return fail(Errc::Unavailable, "database is locked");
    for (const auto& [id, user] : users)
      if (user.username == username) return user;
    return std::nullopt;
  }
  Result<std::optional<users::User>> find_by_id(int64_t id) override {
    if (broken) return fail(Errc::Unavailable, "database is locked");
    const auto found = users.find(id);
    if (found == users.end()) return std::nullopt;
    return found->second;
  }
  Result<std::vector<users::User>> list() override { return std::vector<users::User>{}; }
  Result<users::User> add(const users::NewUser&) override { return fail(Errc::Internal, ""); }
  Status set_password(int64_t, std::string_view) override { return {}; }
  Status set_active(int64_t, bool) override { return {}; }
  Status set_last_login(int64_t, WallTime) override { return {}; }
  Result<uint64_t> version() override { return uint64_t{0}; }
};

// One process's memory in place of the database.
class FakeBlacklist final : public Blacklist {
 public:
  std::map<std::string, bool, std::less<>> tokens;  // by jti: whether it is used up

  Status record(const IssuedToken& token, WallTime) override {
    tokens.emplace(token.jti, false);
    return {};
  }
  Result<bool> contains(std::string_view jti) override {
    const auto found = tokens.find(jti);
    return found != tokens.end() && found->second;
  }
  Result<Consumed> consume(const IssuedToken& used, const IssuedToken* successor,
                           WallTime now) override {
    if (std::exchange(tokens[std::string(used.jti)], true)) return Consumed::Already;
    if (successor != nullptr) return record(*successor, now).map([] { return Consumed::First; });
    return Consumed::First;
  }
};

class TokenServiceTest : public testing::Test {
 protected:
  static constexpr uint32_t kIterations = 20000;

  void SetUp() override {
    const crypto::PasswordHasher hasher(kIterations);
    store_.users[1] = {.id = 1,
                       .username = "alice",
                       .password_hash = *hasher.encode("wonderland-9"),
                       .is_active = true};
    store_.users[2] = {.id = 2,
                       .username = "bob",
                       .password_hash = *hasher.encode("builder-9"),
                       .is_active = false};
    service_ = make({});
  }

  std::unique_ptr<TokenService> make(const TokenSettings& settings,
                                     Blacklist* blacklist = nullptr) {
    auto service = TokenService::create(key(), settings, store_, blacklist,
                                        crypto::PasswordHasher(kIterations));
    EXPECT_TRUE(service);
    return std::move(*service);
  }

  static std::string payload(const std::string& token) {
    const auto parts = jwt::split_token(token);
    EXPECT_TRUE(parts) << token;
    std::vector<uint8_t> out(parts->payload.size());
    const auto size = crypto::base64url_decode(parts->payload, out);
    return {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size.value_or(0))};
  }

  static std::string jti(const std::string& token) {
    const std::string json = payload(token);
    const std::string_view name = R"("jti":")";
    const std::string value = json.substr(json.find(name) + name.size(), 32);
    EXPECT_EQ(value.find_first_not_of("0123456789abcdef"), std::string::npos) << json;
    return value;
  }

  static std::string without_jti(const std::string& token) {
    std::string json = payload(token);
    return json.replace(json.find(jti(token)), 32, "<jti>");
  }

  void expect_refused(const std::string& token, Reason reason, std::string_view message) {
    const auto access = service_->refresh(token, at(kNow));
    ASSERT_FALSE(access);
    EXPECT_EQ(access.error().reason, reason);
    EXPECT_EQ(access.error().error.code, Errc::Unauthenticated);
    EXPECT_EQ(access.error().error.message, message);
  }

  FakeStore store_;
  std::unique_ptr<TokenService> service_;
};

std::string refresh_token(const std::string& more) {
  return forge(kHeader, R"({"token_type":"refresh","exp":1795429808,"iat":1795343408,"jti":"a1")" +
                            more + "}");
}

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

TEST_F(TokenServiceTest, RotationKeepsTheClaimsAndUsesTheTokenUp) {
  FakeBlacklist blacklist;
  const auto service = make({.rotate = true, .blacklist_after_rotation = true}, &blacklist);
  const auto pair = service->obtain(store_.users[1], at(kNow));
  ASSERT_TRUE(pair);
  EXPECT_TRUE(blacklist.tokens.contains(jti(pair->refresh)));
  const auto rotated = service->refresh(pair->refresh, at(kNow + 100));
  ASSERT_TRUE(rotated && rotated->refresh);
  EXPECT_EQ(
      without_jti(*rotated->refresh),
      R"({"token_type":"refresh","exp":1795430000,"iat":1795343600,"jti":"<jti>","user_id":"1"})");
  EXPECT_TRUE(blacklist.tokens.contains(jti(*rotated->refresh)));
  const auto again = service->refresh(pair->refresh, at(kNow + 101));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, Reason::TokenNotValid);
  EXPECT_EQ(again.error().error.message, "Token is blacklisted");
  EXPECT_EQ(service->verify(pair->refresh, at(kNow)).error().reason, Reason::Blacklisted);
  EXPECT_TRUE(service->verify(pair->access, at(kNow)));
  EXPECT_TRUE(service->blacklist(*rotated->refresh, at(kNow + 102)));
  EXPECT_FALSE(service->blacklist(*rotated->refresh, at(kNow + 102)));
}

TEST_F(TokenServiceTest, VerifyLooksAtTheBlacklistWithBlacklistAfterRotationOnly) {
  FakeBlacklist blacklist;
  const auto service = make({}, &blacklist);
  const auto pair = service->obtain(store_.users[1], at(kNow));
  ASSERT_TRUE(pair && service->blacklist(pair->refresh, at(kNow)));
  EXPECT_FALSE(service->verify_blocks());
  EXPECT_TRUE(service->verify(pair->refresh, at(kNow)));
}

TEST_F(TokenServiceTest, AudienceAndIssuerStandLastOnceAndMustMatch) {
  const auto service = make({.audience = "s\"v", .issuer = "me"});
  const auto pair = service->obtain(store_.users[1], at(kNow));
  ASSERT_TRUE(pair);
  constexpr std::string_view kEnd = R"("user_id":"1","aud":"s\"v","iss":"me"})";
  EXPECT_TRUE(payload(pair->access).ends_with(kEnd)) << payload(pair->access);
  const auto refreshed = service->refresh(pair->refresh, at(kNow));
  ASSERT_TRUE(refreshed);
  EXPECT_TRUE(payload(refreshed->access).ends_with(kEnd)) << payload(refreshed->access);
  EXPECT_FALSE(service->verify(service_->obtain(store_.users[1], at(kNow))->access, at(kNow)));
}

TEST_F(TokenServiceTest, AFingerprintOfThePasswordEndsTokensWithIt) {
  FakeBlacklist blacklist;
  store_.users[1].password_hash =
      "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$3sV/SVfT6ME4dIgYVdSlH0jEvyK0z+y3AJvov9Y+8MA=";
  const auto service = make({.check_revoke_token = true}, &blacklist);
  const auto pair = service->obtain(store_.users[1], at(kNow));
  ASSERT_TRUE(pair);
  EXPECT_TRUE(
      payload(pair->access).ends_with(R"(,"hash_password":"9D5C81566B30435C64C79B3908A72346"})"));
  EXPECT_TRUE(service->refresh(pair->refresh, at(kNow)));
  store_.users[1].password_hash = "another";
  EXPECT_EQ(service->refresh(pair->refresh, at(kNow)).error().error.message,
            "The user's password has been changed.");
  EXPECT_EQ(service->refresh(pair->refresh, at(kNow)).error().error.message,
            "Token is blacklisted");
}

TEST_F(TokenServiceTest, ASlidingTokenIsExchangedForALaterOneUntilRefreshExp) {
  const auto service = make({.sliding_lifetime = 5min, .sliding_refresh_lifetime = 10min});
  const auto token = service->obtain_sliding(store_.users[1], at(kNow));
  ASSERT_TRUE(token);
  EXPECT_EQ(without_jti(*token),
            R"({"token_type":"sliding","exp":1795343800,"iat":1795343500,"jti":"<jti>",)"
            R"("refresh_exp":1795344100,"user_id":"1"})");
  const auto later = service->refresh_sliding(*token, at(kNow + 299));
  ASSERT_TRUE(later);
  EXPECT_EQ(jti(*later), jti(*token));
  EXPECT_EQ(without_jti(*later),
            R"({"token_type":"sliding","exp":1795344099,"iat":1795343799,"jti":"<jti>",)"
            R"("refresh_exp":1795344100,"user_id":"1"})");
  const auto last = service->refresh_sliding(*later, at(kNow + 590));
  ASSERT_TRUE(last);
  EXPECT_EQ(service->refresh_sliding(*last, at(kNow + 600)).error().error.message,
            "Token 'refresh_exp' claim has expired");
  const auto refuses = [&](const std::string& json, std::string_view message) {
    const auto refused = service->refresh_sliding(forge(kHeader, json), at(kNow));
    ASSERT_FALSE(refused) << json;
    EXPECT_EQ(refused.error().error.message, message) << json;
  };
  refuses(std::string(kAccess), "Token has wrong type");
  refuses(R"({"token_type":"sliding","exp":1795429808,"jti":"a"})",
          "Token has no 'refresh_exp' claim");
  refuses(R"({"token_type":"sliding","exp":1795429808,"jti":"a","refresh_exp":"x"})",
          "Token is invalid");
}

TEST_F(TokenServiceTest, InactiveUsersMayRefreshWhereThatIsNotChecked) {
  const auto service = make({.check_user_is_active = false});
  EXPECT_TRUE(service->refresh(refresh_token(R"(,"user_id":"2")"), at(kNow)));
  EXPECT_FALSE(service->refresh(refresh_token(R"(,"user_id":"99999")"), at(kNow)));
  EXPECT_FALSE(service->authenticate("bob", "builder-9"));
}

TEST_F(TokenServiceTest, TheOlderVersionsTextsAndIdsAreASetting) {
  Config config;
  config.compat = Compat::V5_2;
  const auto service = make(token_settings(config));
  const auto pair = service->obtain(store_.users[1], at(kNow));
  ASSERT_TRUE(pair);
  EXPECT_TRUE(payload(pair->access).ends_with(R"("user_id":1})"));
  for (const std::string& token : {std::string("x"), pair->access})
    EXPECT_EQ(service->verify(token, at(kNow + 300)).error().error.message,
              "Token is invalid or expired");
  EXPECT_EQ(service->refresh(pair->access, at(kNow)).error().error.message, "Token has wrong type");
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
