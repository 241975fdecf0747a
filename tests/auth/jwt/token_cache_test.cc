// What is remembered of verified tokens, and what is looked at all the same.
// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/token_cache.h"

#include <gtest/gtest.h>

#include "auth/jwt/signer.h"
#include "auth/jwt/verifier.h"
#include "tests/auth/jwt/forge.h"
#include "tests/auth/jwt/test_keys.h"

namespace tollgate::jwt {
namespace {

using namespace test;

std::string token(int number) { return "token number " + std::to_string(number); }

TEST(TokenCache, HoldsWhatWasAddedToTheByteAndUnderTheSameKeys) {
  auto cache = *TokenCache::create();
  EXPECT_FALSE(cache.holds("abc", 1));
  cache.add("abc", 1);
  EXPECT_TRUE(cache.holds("abc", 1));
  EXPECT_FALSE(cache.holds("abc", 2));
  EXPECT_FALSE(cache.holds("abd", 1));
  EXPECT_FALSE(cache.holds("ab", 1));
  cache.add("abc", 2);
  EXPECT_TRUE(cache.holds("abc", 2));
}

TEST(TokenCache, KeepsNoTokenOverTwoKilobytes) {
  auto cache = *TokenCache::create();
  for (const std::size_t size : {TokenCache::kLargest, TokenCache::kLargest + 1}) {
    cache.add(std::string(size, 'x'), 1);
    EXPECT_EQ(cache.holds(std::string(size, 'x'), 1), size == TokenCache::kLargest);
  }
}

TEST(TokenCache, IsBoundedAndKeepsWhatIsUsed) {
  auto cache = *TokenCache::create();
  constexpr int kMany = 20000;
  cache.add("in use", 1);
  for (int i = 0; i < kMany; ++i) {
    cache.add(token(i), 1);
    ASSERT_TRUE(cache.holds("in use", 1)) << i;
  }
  std::size_t held = 0;
  for (int i = 0; i < kMany; ++i) held += cache.holds(token(i), 1) ? 1u : 0u;
  EXPECT_LT(held, TokenCache::kEntries);
  EXPECT_GT(held, TokenCache::kEntries / 2);
}

class CachedVerifier : public testing::TestWithParam<const char*> {
 protected:
  const Algorithm& algorithm_ = *find_algorithm(GetParam());
  std::string token_ = *Signer::create(ring_for(algorithm_))
                            ->sign({.type = TokenType::Access,
                                    .exp = kNow + 5,
                                    .iat = kNow,
                                    .jti = "ab",
                                    .rest = R"("user_id":3,"role":"a")"});
};

TEST_P(CachedVerifier, ChecksDatesTypeAndRevocationOfATokenThatItKnows) {
  bool revoked = false;
  auto verifier = *Verifier::create(ring_for(algorithm_), {.is_revoked = [&](const Claims& claims) {
                                      EXPECT_EQ(claims.jti, "ab");
                                      return revoked;
                                    }});
  const auto verdict = [&](int64_t time, TokenType type) -> std::optional<Refusal> {
    const auto verified = verifier.verify(token_, Policy{.type = type}, at(time));
    return verified ? std::nullopt : std::optional(verified.error());
  };
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(verdict(kNow, TokenType::Access), std::nullopt);
    EXPECT_EQ(verifier.copyable_claims(), R"("user_id":3,"role":"a")");
    EXPECT_EQ(verdict(kNow + 5, TokenType::Access), Refusal::Expired);
    EXPECT_EQ(verdict(kNow - 1, TokenType::Access), Refusal::Invalid);
    EXPECT_EQ(verdict(kNow, TokenType::Refresh), Refusal::WrongType);
    revoked = true;
    EXPECT_EQ(verdict(kNow, TokenType::Access), Refusal::Invalid);
    revoked = false;
  }
}

TEST_P(CachedVerifier, ForgetsWithTheKeysThatWereReplaced) {
  auto verifier = *Verifier::create(ring_for(algorithm_));
  EXPECT_TRUE(verifier.verify(token_, Policy{}, at(kNow)));
  auto another = Key::from_pem(to_pem(generate(kind_for(algorithm_)).get(), Pem::Spki),
                               {.algorithm = &algorithm_});
  ASSERT_TRUE(verifier.use(*KeyRing::of(std::move(*another))));
  EXPECT_FALSE(verifier.verify(token_, Policy{}, at(kNow)));
  ASSERT_TRUE(verifier.use(ring_for(algorithm_)));
  EXPECT_TRUE(verifier.verify(token_, Policy{}, at(kNow)));
}

TEST_P(CachedVerifier, KnowsNoTokenThatDiffersInAByte) {
  auto verifier = *Verifier::create(ring_for(algorithm_));
  EXPECT_TRUE(verifier.verify(token_, Policy{}, at(kNow)));
  for (std::size_t i = 0; i < token_.size(); i += 7) {
    std::string other = token_;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verifier.verify(other, Policy{}, at(kNow))) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Algorithms, CachedVerifier,
                         testing::Values("RS256", "PS256", "ES256", "EdDSA"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace tollgate::jwt
