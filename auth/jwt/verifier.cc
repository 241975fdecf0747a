// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/verifier.h"

#include <array>

#include "auth/crypto/base64url.h"
#include "auth/jwt/signer.h"

namespace tollgate::jwt {
namespace {

tl::unexpected<Refusal> refuse(Refusal refusal) { return tl::unexpected<Refusal>(refusal); }

}  // namespace

Result<Verifier> Verifier::create(const SigningKey& key) {
  TOLLGATE_TRY(hmac, key.hmac());
  return Verifier(std::move(hmac), key.algorithm());
}

Verifier::Verifier(crypto::Hmac hmac, const Algorithm& algorithm)
    : hmac_(std::move(hmac)),
      algorithm_(&algorithm),
      usual_header_(usual_header(algorithm)),
      other_header_(crypto::base64url(
          crypto::octets(R"({"typ":"JWT","alg":")" + std::string(algorithm.name) + R"("})"))) {}

Verified Verifier::verify(std::string_view token, const Policy& policy, WallTime now) {
  const auto parts = split_token(token);
  if (!parts || !is_ours(parts->header) || !is_signed(*parts)) return refuse(Refusal::Invalid);
  auto claims = decoder_.claims(parts->payload, policy.names);
  if (!claims) return refuse(Refusal::Invalid);
  if (const auto refusal = check(*claims, policy, now)) return refuse(*refusal);
  return *std::move(claims);
}

bool Verifier::is_ours(std::string_view header) {
  // Two spellings are nearly all headers there are; the rest is parsed.
  if (header == usual_header_ || header == other_header_) return true;
  const auto parsed = decoder_.header(header);
  return parsed && parsed->algorithm == algorithm_->name;
}

bool Verifier::is_signed(const Parts& parts) {
  std::array<uint8_t, crypto::kMaxDigestSize> mac{};
  if (crypto::base64url_octets(parts.signature.size()) != hmac_.size()) return false;
  return crypto::base64url_decode(parts.signature, mac) == hmac_.size() &&
         hmac_.verify(crypto::octets(parts.signing_input), crypto::Octets(mac).first(hmac_.size()));
}

}  // namespace tollgate::jwt
