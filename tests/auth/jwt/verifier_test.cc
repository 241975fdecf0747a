// What the verifier accepts, and which reason it gives. Attacks: attack_test.cc.
// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/verifier.h"

#include <gtest/gtest.h>

#include <optional>

#include "auth/jwt/signer.h"
#include "tests/auth/jwt/forge.h"

namespace tollgate::jwt {
namespace {

using namespace test;

const Policy gate_policy{.type = TokenType::Access};

class VerifierTest : public testing::Test {
 protected:
  std::optional<Refusal> refusal(std::string_view token, const Policy& policy = gate_policy) {
    const auto verified = verifier_->verify(token, policy, at(kNow));
    return verified ? std::nullopt : std::optional(verified.error());
  }
  Result<Verifier> verifier_ = Verifier::create(key());
};

TEST_F(VerifierTest, GivesTheClaimsOfATokenThatDjangoMade) {
  const auto claims = verifier_->verify(
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
      "eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzk1MzQzNzAzLCJpYXQiOjE3OTUzNDM0MDMsImp0aSI6ImJjYzBh"
      "ODUwYTdjMjQ1NTViYjVlYTg3MjNhNTNjMjFiIiwidXNlcl9pZCI6IjEifQ."
      "WpCFqJCyrBD7_jEpL6gYOcpuC1y-qQGeHF837w3FvME",
      gate_policy, at(kNow));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->user_id.value, 1);
  EXPECT_EQ(claims->exp, 1795343703);
  EXPECT_EQ(claims->jti, "bcc0a850a7c24555bb5ea8723a53c21b");
  EXPECT_EQ(claims->json, kAccess);
}

TEST_F(VerifierTest, AcceptsWhatSimplejwtAccepts) {
  const std::string padding(5000, 'x');
  const std::pair<const char*, std::string> tokens[] = {
      {"typ first", forge(R"({"typ":"JWT","alg":"HS256"})", kAccess)},
      {"typ missing", forge(R"({"alg":"HS256"})", kAccess)},
      {"typ at+jwt", forge(R"({"alg":"HS256","typ":"at+jwt"})", kAccess)},
      {"typ a number", forge(R"({"alg":"HS256","typ":5})", kAccess)},
      {"spaces in the header", forge(" { \"alg\" : \"HS256\" } \n", kAccess)},
      {"kid, which a single key ignores", forge(R"({"alg":"HS256","kid":"x"})", kAccess)},
      {"jku and x5u, which are never followed",
       forge(R"({"alg":"HS256","jku":"http://127.0.0.1:1/","x5u":"file:///etc/passwd"})", kAccess)},
      {"spaces in the claims",
       forge(kHeader,
             R"( {"exp": 1795343703, "jti": "a", "token_type": "access", "user_id": 1} )")},
      {"exp with a fraction",
       forge(kHeader, R"({"exp":1795343703.25,"jti":"a","token_type":"access","user_id":1})")},
      {"aud, iss and custom claims",
       forge(kHeader, R"({"exp":1795343703,"jti":"a","token_type":"access","user_id":1,)"
                      R"("aud":5,"iss":[],"roles":["a"],"x":{"y":null}})")},
      {"7 kB", forge(kHeader, R"({"exp":1795343703,"jti":"a","token_type":"access","user_id":1,)"
                              R"("x":")" +
                                  padding + "\"}")},
  };
  for (const auto& [name, token] : tokens) EXPECT_EQ(refusal(token), std::nullopt) << name;
}

TEST_F(VerifierTest, SaysWhySimplejwtSays) {
  const std::tuple<const char*, std::string_view, Refusal> rows[] = {
      {"expired", R"({"token_type":"access","exp":1795343499,"jti":"a","user_id":"1"})",
       Refusal::Expired},
      {"exp now", R"({"token_type":"access","exp":1795343500,"jti":"a","user_id":"1"})",
       Refusal::Expired},
      {"exp negative", R"({"token_type":"access","exp":-1,"jti":"a","user_id":"1"})",
       Refusal::Expired},
      {"exp far in the past", R"({"token_type":"access","exp":-1e300,"jti":"a","user_id":"1"})",
       Refusal::Expired},
      {"exp true", R"({"token_type":"access","exp":true,"jti":"a","user_id":"1"})",
       Refusal::Expired},
      {"no exp", R"({"token_type":"access","jti":"a","user_id":"1"})", Refusal::NoExp},
      {"no jti", R"({"token_type":"access","exp":1795343703,"user_id":"1"})", Refusal::NoId},
      {"no type", R"({"exp":1795343703,"jti":"a","user_id":"1"})", Refusal::NoType},
      {"type a number", R"({"token_type":5,"exp":1795343703,"jti":"a","user_id":"1"})",
       Refusal::WrongType},
      {"no user", R"({"token_type":"access","exp":1795343703,"jti":"a"})", Refusal::NoUserId},
      {"user true", R"({"token_type":"access","exp":1795343703,"jti":"a","user_id":true})",
       Refusal::UnknownUserId},
      {"iat ahead",
       R"({"token_type":"access","exp":1795343703,"iat":1795343501,"jti":"a","user_id":"1"})",
       Refusal::Invalid},
      {"nbf ahead",
       R"({"token_type":"access","exp":1795343703,"nbf":1795343501,"jti":"a","user_id":"1"})",
       Refusal::Invalid},
  };
  for (const auto& [name, payload, expected] : rows)
    EXPECT_EQ(refusal(forge(kHeader, payload)), expected) << name;
}

TEST_F(VerifierTest, ExpiredIsToldOnlyToWhoHasTheSignature) {
  const std::string_view expired = R"({"token_type":"access","exp":1,"jti":"a","user_id":"1"})";
  EXPECT_EQ(refusal(forge(kHeader, expired)), Refusal::Expired);
  EXPECT_EQ(refusal(forge(kHeader, expired, "another-secret-of-at-least-32-bytes!")),
            Refusal::Invalid);
}

TEST_F(VerifierTest, OneTokenAfterTheOtherLeavesNothingBehind) {
  const std::string good = forge(kHeader, kAccess);
  const std::string bad = forge(kHeader, R"({"token_type":"access"})");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(refusal(bad), Refusal::NoExp);
    EXPECT_EQ(refusal(good), std::nullopt);
    EXPECT_EQ(refusal("x"), Refusal::Invalid);
  }
}

TEST(Verifier, AcceptsWhatTheSignerMakesForEveryAlgorithm) {
  for (const Algorithm* row : hmac_algorithms()) {
    const Algorithm& algorithm = *row;
    const auto long_key = key(std::string(64, 'k'), algorithm);
    auto signer = Signer::create(long_key);
    auto verifier = Verifier::create(long_key);
    ASSERT_TRUE(signer && verifier);
    const auto token = signer->sign({.type = TokenType::Access,
                                     .exp = kNow + 5,
                                     .iat = kNow,
                                     .jti = "ab",
                                     .rest = R"("user_id":3)"});
    ASSERT_TRUE(token);
    EXPECT_TRUE(verifier->verify(*token, gate_policy, at(kNow))) << algorithm.name;
    EXPECT_TRUE(verifier->verify(forge(R"({"x":1,"alg":")" + std::string(algorithm.name) + "\"}",
                                       kAccess, std::string(64, 'k'), algorithm.digest),
                                 gate_policy, at(kNow)));
  }
}

}  // namespace
}  // namespace tollgate::jwt
