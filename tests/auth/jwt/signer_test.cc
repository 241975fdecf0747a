// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/signer.h"

#include <gtest/gtest.h>

#include "tests/auth/jwt/forge.h"

namespace tollgate::jwt {
namespace {

using test::hmac_algorithms;
using test::key;

// Made by Django 5.2 with the newest simplejwt (simplejwt/expected/variants.txt).
constexpr std::string_view kRecordedAccess =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzk1MzQzNzAzLCJpYXQiOjE3OTUzNDM0MDMsImp0aSI6ImJjYzBh"
    "ODUwYTdjMjQ1NTViYjVlYTg3MjNhNTNjMjFiIiwidXNlcl9pZCI6IjEifQ."
    "WpCFqJCyrBD7_jEpL6gYOcpuC1y-qQGeHF837w3FvME";
constexpr std::string_view kRecordedRefresh =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJ0b2tlbl90eXBlIjoicmVmcmVzaCIsImV4cCI6MTc5NTQyOTgwOCwiaWF0IjoxNzk1MzQzNDA4LCJqdGkiOiIxZjM1"
    "NTMwZDVlNTQ0N2NhYTUyYzBlYTE4MGVmOTYxMiIsInVzZXJfaWQiOiIxIn0."
    "HtJaF_7-P6qGjh1aOdpuosQWAhxz9oTzUYW-FcDZ9X0";

TEST(Signer, WritesSimplejwtsTokensByteForByte) {
  auto signer = Signer::create(key());
  ASSERT_TRUE(signer);
  EXPECT_EQ(*signer->sign({.type = TokenType::Access,
                           .exp = 1795343703,
                           .iat = 1795343403,
                           .jti = "bcc0a850a7c24555bb5ea8723a53c21b",
                           .rest = R"("user_id":"1")"}),
            kRecordedAccess);
  EXPECT_EQ(*signer->sign({.type = TokenType::Refresh,
                           .exp = 1795429808,
                           .iat = 1795343408,
                           .jti = "1f35530d5e5447caa52c0ea180ef9612",
                           .rest = R"("user_id":"1")"}),
            kRecordedRefresh);
}

TEST(Signer, PayloadsAreCompactAndInSimplejwtsOrder) {
  const NewToken token{.type = TokenType::Access, .exp = 2, .iat = 1, .jti = "ab", .rest = ""};
  EXPECT_EQ(to_json(token), R"({"token_type":"access","exp":2,"iat":1,"jti":"ab"})");
}

TEST(Signer, EveryAlgorithmWritesItsOwnName) {
  for (const Algorithm* row : hmac_algorithms()) {
    const Algorithm& algorithm = *row;
    const auto long_key = key(std::string(64, 'k'), algorithm);
    auto signer = Signer::create(long_key);
    ASSERT_TRUE(signer);
    const auto token = signer->sign({.type = TokenType::Access, .exp = 2, .iat = 1, .jti = "ab"});
    ASSERT_TRUE(token);
    const std::string header = R"({"alg":")" + std::string(algorithm.name) + R"(","typ":"JWT"})";
    EXPECT_EQ(*token, test::forge(header, R"({"token_type":"access","exp":2,"iat":1,"jti":"ab"})",
                                  std::string(64, 'k'), algorithm.digest));
  }
}

}  // namespace
}  // namespace tollgate::jwt
