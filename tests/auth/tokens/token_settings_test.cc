// What the settings beyond the lifetimes change.
// SPDX-License-Identifier: Apache-2.0
#include "auth/tokens/token_settings.h"

#include "tests/auth/tokens/token_service_fixture.h"

namespace tollgate::tokens {
namespace {

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
  config.compat = Compat::V52;
  const auto service = make(token_settings(config));
  const auto pair = service->obtain(store_.users[1], at(kNow));
  ASSERT_TRUE(pair);
  EXPECT_TRUE(payload(pair->access).ends_with(R"("user_id":1})"));
  for (const std::string& token : {std::string("x"), pair->access})
    EXPECT_EQ(service->verify(token, at(kNow + 300)).error().error.message,
              "Token is invalid or expired");
  EXPECT_EQ(service->refresh(pair->access, at(kNow)).error().error.message, "Token has wrong type");
}

}  // namespace
}  // namespace tollgate::tokens
