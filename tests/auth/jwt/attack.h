// Attacks as tables: tokens that are refused by a verifier that is none the worse for it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "auth/jwt/verifier.h"
#include "tests/auth/jwt/forge.h"
#include "tests/auth/jwt/test_keys.h"

namespace tollgate::jwt::test {

struct Attack {
  std::string name;
  std::string token;
};

// `good` is a token that the verifier accepts.
inline void expect_refused(std::shared_ptr<const KeyRing> ring, const std::string& good,
                           const std::vector<Attack>& attacks, Refusal refusal = Refusal::Invalid,
                           TokenType type = TokenType::Access) {
  auto verifier = Verifier::create(std::move(ring));
  ASSERT_TRUE(verifier);
  // Twice: the second time with what a cache has learnt of the good one.
  for (int round = 0; round < 2; ++round) {
    for (const auto& [name, token] : attacks) {
      const auto verified = verifier->verify(token, Policy{.type = type}, at(kNow));
      ASSERT_FALSE(verified) << name;
      EXPECT_EQ(verified.error(), refusal) << name;
    }
    ASSERT_TRUE(verifier->verify(good, Policy{}, at(kNow))) << "the good one";
  }
}

// Over each algorithm, with the key that attackers do not have: what is refused although signed.
class SignedAttackTest : public testing::TestWithParam<const Algorithm*> {
 protected:
  // Parts that are base64url already, or are meant not to be.
  std::string sign_parts(const std::string& header, const std::string& payload) {
    const std::string input = header + "." + payload;
    std::string signature(crypto::kMaxSignature, '\0');
    auto* const out = reinterpret_cast<uint8_t*>(signature.data());
    EXPECT_TRUE(context_->sign(crypto::octets(input), {out, signature.size()}));
    return input + "." + b64(std::string_view(signature).substr(0, context_->signature_size()));
  }
  // In tables the algorithm is called HS256.
  std::string mine(std::string json) const {
    constexpr std::string_view kName = "\"HS256\"";
    for (auto at = json.find(kName); at != std::string::npos; at = json.find(kName, at + 1))
      json.replace(at, kName.size(), '"' + std::string(GetParam()->name) + '"');
    return json;
  }
  std::string header(std::string_view json = kHeader) const { return b64(mine(std::string(json))); }

  std::string with_header(const std::string& json) {
    return sign_parts(header(json), b64(kAccess));
  }
  std::string with_payload(const std::string& json) { return sign_parts(header(), b64(json)); }
  // A payload that is fine but for what is added.
  std::string with_claim(const std::string& claim) {
    return with_payload(R"({"token_type":"access","jti":"a","user_id":1,"exp":1795343703,)" +
                        claim + "}");
  }
  std::string with_exp(const std::string& exp) {
    return with_payload(R"({"token_type":"access","jti":"a","user_id":1,"exp":)" + exp + "}");
  }
  void expect(const std::vector<Attack>& attacks, Refusal refusal = Refusal::Invalid,
              TokenType type = TokenType::Access) {
    expect_refused(ring_, with_payload(std::string(kAccess)), attacks, refusal, type);
  }

  std::shared_ptr<const KeyRing> ring_ = ring_for(*GetParam());
  Result<KeyContext> context_ = KeyContext::for_signing(*ring_->signer());
};

inline std::vector<const Algorithm*> all_algorithms() {
  std::vector<const Algorithm*> out;
  for (const auto& algorithm : algorithms()) out.push_back(&algorithm);
  return out;
}

inline std::string name_of(const testing::TestParamInfo<const Algorithm*>& row) {
  return std::string(row.param->name);
}

}  // namespace tollgate::jwt::test
