// SPDX-License-Identifier: Apache-2.0
#include "auth/crypto/password_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "server/base/text.h"
#include "tests/auth/crypto/cpu_cost.h"

namespace tollgate::crypto {
namespace {

constexpr std::string_view kPassword = "correct horse";
constexpr std::string_view kHash =
    "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$3sV/SVfT6ME4dIgYVdSlH0jEvyK0z+y3AJvov9Y+8MA=";

const PasswordHasher quick(1000);

TEST(PasswordHash, VerifiesWhatDjangoStored) {
  const std::array<std::string_view, 3> stored = {
      kHash,
      "pbkdf2_sha256$260000$QhTorHCT37VIm5Ck7YlsX4$6HySu4wKIbrfRTxDUbWmB8nOlLb9I1pc05f7UFSvKIQ=",
      "pbkdf2_sha256$1000000$JOJGZgguWu3lR0wWLjp7Hz$ls/3yjARSH1SmRpFZfZksMT2gYNfpp5RCEKbDJFvE7Y="};
  for (const auto hash : stored) {
    EXPECT_TRUE(quick.verify(kPassword, hash)) << hash;
    EXPECT_FALSE(quick.verify("correct horsf", hash)) << hash;
  }
}

TEST(PasswordHash, EncodesAsDjangoDoesWithANewSaltEachTime) {
  const auto one = quick.encode("pässword");
  const auto two = quick.encode("pässword");
  ASSERT_TRUE(one && two);
  const auto parts = split(*one, '$');
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_EQ(parts[0], "pbkdf2_sha256");
  EXPECT_EQ(parts[1], "1000");
  EXPECT_EQ(parts[2].size(), 22u);
  EXPECT_TRUE(std::ranges::all_of(parts[2], [](unsigned char c) { return std::isalnum(c); }));
  EXPECT_EQ(parts[3].size(), 44u);
  EXPECT_NE(*one, *two);
  EXPECT_TRUE(quick.verify("pässword", *one));
  EXPECT_FALSE(quick.verify("passwort", *one));
  EXPECT_EQ(PasswordHasher().encode("x")->substr(0, 22), "pbkdf2_sha256$1000000$");
}

TEST(PasswordHash, WhatIsNotAHashOfOursMatchesNothing) {
  const std::string hash(kHash);
  const std::array<std::string, 17> bad = {
      "",
      "!" + std::string(40, 'a'),
      "!" + hash,
      "md5$salt$" + std::string(32, '0'),
      "pbkdf2_sha1$1000$abcdefghijklmnopqrstuv$Lk0noscGFKIci9bRr/p5U5TdvK4=",
      "pbkdf2_sha256",
      "pbkdf2_sha256$$$",
      "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$",
      "pbkdf2_sha256$1000$$3sV/SVfT6ME4dIgYVdSlH0jEvyK0z+y3AJvov9Y+8MA=",
      "pbkdf2_sha256$0$abcdefghijklmnopqrstuv$3sV/SVfT6ME4dIgYVdSlH0jEvyK0z+y3AJvov9Y+8MA=",
      "pbkdf2_sha256$-1$abcdefghijklmnopqrstuv$3sV/SVfT6ME4dIgYVdSlH0jEvyK0z+y3AJvov9Y+8MA=",
      "pbkdf2_sha256$10000001$abcdefghijklmnopqrstuv$3sV/SVfT6ME4dIgYVdSlH0jEvyK0z+y3AJvov9Y+8MA=",
      "pbkdf2_sha256$99999999999999999999$a$3sV/SVfT6ME4dIgYVdSlH0jEvyK0z+y3AJvov9Y+8MA=",
      hash + "=",
      hash + "$",
      hash.substr(0, hash.size() - 1),
      "PBKDF2_SHA256" + hash.substr(13)};
  for (const auto& encoded : bad) EXPECT_FALSE(quick.verify(kPassword, encoded)) << encoded;
}

TEST(PasswordHash, APasswordHasAtMost4096Bytes) {
  const std::string longest(4096, 'x');
  const auto encoded = quick.encode(longest);
  ASSERT_TRUE(encoded);
  EXPECT_TRUE(quick.verify(longest, *encoded));
  EXPECT_FALSE(quick.verify(longest + "x", *encoded));
  EXPECT_EQ(quick.encode(longest + "x").error().code, Errc::TooLarge);
}

TEST(PasswordHash, WeakerHashesAreToBeMadeAgainAndStrongerOnesAreNot) {
  EXPECT_FALSE(quick.needs_rehash(kHash));
  EXPECT_TRUE(PasswordHasher(1001).needs_rehash(kHash));
  EXPECT_FALSE(PasswordHasher(999).needs_rehash(kHash));
  EXPECT_TRUE(quick.needs_rehash("md5$salt$00"));
  EXPECT_TRUE(
      quick.needs_rehash("pbkdf2_sha256$1000$short$3sV/SVfT6ME4dIgYVdSlH0jEvyK0z+y3AJvov9Y+8MA="));
}

TEST(PasswordHash, WhatCannotMatchCostsAsMuchAsWhatMight) {
  const PasswordHasher hasher(20000);
  const auto encoded = hasher.encode("right");
  ASSERT_TRUE(encoded);
  const std::string long_password(100000, 'x');
  const auto verify = [&hasher](std::string_view password, std::string_view hash) {
    return [&hasher, password, hash] { static_cast<void>(hasher.verify(password, hash)); };
  };
  const auto costs =
      test::cpu_costs({verify("wrong", *encoded), verify("right", *encoded), verify("wrong", ""),
                       verify("wrong", "!unusable"), verify("wrong", "md5$a$b"),
                       verify("wrong", kHash),  // 1000 iterations, topped up
                       verify(long_password, *encoded)});
  for (const double cost : costs) {
    EXPECT_GT(cost, costs[0] * 0.5);
    EXPECT_LT(cost, costs[0] * 2);
  }
}

}  // namespace
}  // namespace tollgate::crypto
