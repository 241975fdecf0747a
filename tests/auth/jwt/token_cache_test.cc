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

// A cache as the verifier uses it.
class Cache {
 public:
  void add(const std::string& token, uint64_t generation,
           TokenCache::When when = TokenCache::When::Now) {
    Claims claims;
    claims.json = token;
    cache_.add(cache_.hash(token), token, generation, claims, /*is_at_jwt=*/false, when);
  }
  bool holds(const std::string& token, uint64_t generation) {
    const KnownToken* const known = cache_.find(cache_.hash(token), token, generation);
    EXPECT_TRUE(known == nullptr || known->claims.get().json == token);
    return known != nullptr;
  }

 private:
  TokenCache cache_ = *TokenCache::create();
};

TEST(TokenCache, HoldsWhatWasAddedToTheByteAndUnderTheSameKeys) {
  Cache cache;
  EXPECT_FALSE(cache.holds("abc", 1));
  cache.add("abc", 1);
  EXPECT_TRUE(cache.holds("abc", 1));
  EXPECT_FALSE(cache.holds("abc", 2));
  EXPECT_FALSE(cache.holds("abd", 1));
  EXPECT_FALSE(cache.holds("ab", 1));
  cache.add("abc", 2);
  EXPECT_TRUE(cache.holds("abc", 2));
}

TEST(TokenCache, TellsTokensApartThatEndAlike) {
  Cache cache;
  const std::string end(TokenCache::kHashed, 'x');
  cache.add("a." + end, 1);
  cache.add("b." + end, 1);
  EXPECT_TRUE(cache.holds("a." + end, 1));
  EXPECT_TRUE(cache.holds("b." + end, 1));
  EXPECT_FALSE(cache.holds("c." + end, 1));
  EXPECT_FALSE(cache.holds(end, 1));
}

TEST(TokenCache, KeepsNoTokenOverTwoKilobytes) {
  Cache cache;
  for (const std::size_t size : {TokenCache::kLargest, TokenCache::kLargest + 1}) {
    cache.add(std::string(size, 'x'), 1);
    EXPECT_EQ(cache.holds(std::string(size, 'x'), 1), size == TokenCache::kLargest);
  }
}

TEST(TokenCache, IsBoundedAndKeepsWhatIsUsed) {
  Cache cache;
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

TEST(TokenCache, MayWaitUntilATokenIsSeenAgain) {
  Cache cache;
  constexpr auto kAgain = TokenCache::When::SeenAgain;
  cache.add("once", 1, kAgain);
  EXPECT_FALSE(cache.holds("once", 1));
  cache.add("once", 1, kAgain);
  EXPECT_TRUE(cache.holds("once", 1));
  for (int i = 0; i < 20000; ++i) cache.add(token(i), 1, kAgain);
  EXPECT_TRUE(cache.holds("once", 1)) << "what comes once takes nobody's place";
}

TEST(TokenCache, RemembersClientsThatComeInTurn) {
  Cache cache;
  constexpr int kClients = 512;
  int held = 0;
  for (int turn = 0; turn < 4; ++turn) {
    held = 0;
    for (int i = 0; i < kClients; ++i) {
      if (cache.holds(token(i), 1))
        ++held;
      else
        cache.add(token(i), 1, TokenCache::When::SeenAgain);
    }
  }
  EXPECT_GT(held, kClients * 9 / 10);
}

TEST(TokenCache, KeepsNoTokenForAMultitude) {
  TokenCache cache = *TokenCache::create();
  for (const std::size_t count : {TokenCache::kAudiences, TokenCache::kAudiences + 1}) {
    Claims claims;
    claims.aud = {true, std::vector<std::string_view>(count, "x")};
    const std::string text = token(static_cast<int>(count));
    cache.add(cache.hash(text), text, 1, claims, /*is_at_jwt=*/false, TokenCache::When::Now);
    EXPECT_EQ(cache.find(cache.hash(text), text, 1) != nullptr, count == TokenCache::kAudiences);
  }
}

TEST(OwnedClaims, AreWholeWhenWhatTheyWereMadeOfIsGone) {
  auto text = std::make_unique<std::string>("jti sub access print name iss one two {}");
  const std::string_view all = *text;
  Claims claims;
  claims.exp = 1;
  claims.jti = all.substr(0, 3);
  claims.sub = all.substr(4, 3);
  claims.token_type = {true, all.substr(8, 6)};
  claims.user_id = {true, 7};
  claims.fingerprint = {true, all.substr(15, 5)};
  claims.username = {true, all.substr(21, 4)};
  claims.iss = {true, all.substr(26, 3)};
  claims.aud = {true, {{all.substr(30, 3), all.substr(34, 3)}}};
  claims.json = all.substr(38);
  const OwnedClaims owned(claims);
  text.reset();
  const Claims& kept = owned.get();
  EXPECT_EQ(kept.exp, 1);
  EXPECT_EQ(kept.user_id.value, 7);
  EXPECT_EQ(kept.jti, "jti");
  EXPECT_EQ(kept.sub, "sub");
  EXPECT_EQ(kept.token_type.value, "access");
  EXPECT_EQ(kept.fingerprint.value, "print");
  EXPECT_EQ(kept.username.value, "name");
  EXPECT_EQ(kept.iss.value, "iss");
  EXPECT_EQ(*kept.aud.value, (std::vector<std::string_view>{"one", "two"}));
  EXPECT_EQ(kept.json, "{}");
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
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(verdict(kNow, TokenType::Access), std::nullopt);
    const auto verified = verifier.verify(token_, Policy{}, at(kNow));
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->user_id.value, 3);
    EXPECT_EQ(verifier.copyable_claims(*verified), R"("user_id":3,"role":"a")");
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
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(verifier.verify(token_, Policy{}, at(kNow)));
  auto another = algorithm_.is_symmetric()
                     ? Key::from_secret(crypto::SecretString(std::string(64, 'z')), algorithm_)
                     : Key::from_pem(to_pem(generate(kind_for(algorithm_)).get(), Pem::Spki),
                                     {.algorithm = &algorithm_});
  ASSERT_TRUE(verifier.use(*KeyRing::of(std::move(*another))));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(verifier.verify(token_, Policy{}, at(kNow)));
  ASSERT_TRUE(verifier.use(ring_for(algorithm_)));
  EXPECT_TRUE(verifier.verify(token_, Policy{}, at(kNow)));
}

TEST_P(CachedVerifier, KnowsNoTokenThatDiffersInAByte) {
  auto verifier = *Verifier::create(ring_for(algorithm_));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(verifier.verify(token_, Policy{}, at(kNow)));
  for (std::size_t i = 0; i < token_.size(); i += 7) {
    std::string other = token_;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verifier.verify(other, Policy{}, at(kNow))) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Algorithms, CachedVerifier,
                         testing::Values("HS256", "RS256", "PS256", "ES256", "EdDSA"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace tollgate::jwt
