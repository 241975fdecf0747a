// Two rings as one, for the time in which some workers sign with the old and some with the new.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "auth/jwt/key_ring.h"
#include "auth/jwt/signer.h"
#include "auth/jwt/verifier.h"
#include "tests/auth/jwt/forge.h"
#include "tests/auth/jwt/test_keys.h"

namespace tollgate::jwt {
namespace {

using namespace test;
using Ring = std::shared_ptr<const KeyRing>;

const Algorithm& es256() { return *find_algorithm("ES256"); }

Key fresh(const Algorithm& algorithm = es256()) {
  if (algorithm.is_symmetric()) return *Key::from_secret(*generate_key(), algorithm);
  const crypto::EvpPkeyPtr key = generate(kind_for(algorithm));
  return *Key::from_pem(to_pem(key.get(), Pem::Pkcs8), {.algorithm = &algorithm});
}

Key again(const Key& key) { return *Key::from_jwk(key.private_jwk().reveal()); }

template <class... Keys>
Ring ring(Keys... keys) {
  std::vector<Key> all;
  (all.push_back(std::move(keys)), ...);
  auto made = KeyRing::create(std::move(all));
  EXPECT_TRUE(made);
  return *made;
}

std::string signed_by(const Ring& ring) {
  auto signer = Signer::create(ring);
  return *signer->sign({.type = TokenType::Access,
                        .exp = kNow + 5,
                        .iat = kNow,
                        .jti = "ab",
                        .rest = R"("user_id":3)"});
}

bool accepts(const Ring& ring, const std::string& token) {
  auto verifier = Verifier::create(ring);
  return verifier->verify(token, Policy{}, at(kNow)).has_value();
}

TEST(JoinedRings, SignAsTheOldOneAndVerifyBoth) {
  for (const Algorithm* algorithm : {&es256(), &hs256()}) {
    const Ring now = ring(fresh(*algorithm));
    const Ring next = ring(fresh(*algorithm));
    const auto both = join(*now, *next);
    ASSERT_TRUE(both) << both.error().message;
    EXPECT_EQ((*both)->signer()->kid(), now->signer()->kid());
    EXPECT_TRUE(accepts(*both, signed_by(now)));
    EXPECT_TRUE(accepts(*both, signed_by(next)));
    EXPECT_TRUE(accepts(now, signed_by(*both))) << "others have the old one yet";
    EXPECT_FALSE(accepts(now, signed_by(next)));
  }
}

TEST(JoinedRings, OfARotatedSetKeepTheOldSignerThatTheNewOneOnlyVerifiesWith) {
  const Key old_key = fresh();
  const Ring now = ring(again(old_key));
  const Ring next = ring(fresh(), again(old_key).verifying_only());
  const auto both = join(*now, *next);
  ASSERT_TRUE(both);
  EXPECT_EQ((*both)->keys().size(), 2u);
  EXPECT_EQ((*both)->signer()->kid(), old_key.kid());
  EXPECT_TRUE(accepts(next, signed_by(*both)));
}

TEST(JoinedRings, WithoutAnOldSignerDoNotSign) {
  const auto both = join(*ring(fresh().verifying_only()), *ring(fresh()));
  ASSERT_TRUE(both);
  EXPECT_EQ((*both)->signer(), nullptr);
}

TEST(JoinedRings, AreRefusedWhereOneWouldNotRecogniseTheOthersTokens) {
  EXPECT_FALSE(join(*ring(fresh(hs256())), *ring(fresh())));
  const Key key = fresh();
  std::string renamed(key.private_jwk().reveal());
  renamed.replace(renamed.find(key.kid()), key.kid().size(), "other");
  const auto both = join(*ring(again(key)), *ring(*Key::from_jwk(renamed)));
  ASSERT_FALSE(both);
  EXPECT_NE(both.error().message.find("another kid or alg"), std::string::npos);
}

TEST(KeyRing, IsTheSameOnlyWithTheSameKeysInTheSameParts) {
  const Key a = fresh();
  const Key b = fresh();
  EXPECT_TRUE(ring(again(a), again(b))->is_same(*ring(again(a), again(b))));
  EXPECT_FALSE(ring(again(a), again(b))->is_same(*ring(again(b), again(a))));
  EXPECT_FALSE(ring(again(a), again(b))->is_same(*ring(again(a))));
  EXPECT_FALSE(ring(again(a))->is_same(*ring(again(a).verifying_only())));
}

}  // namespace
}  // namespace tollgate::jwt
