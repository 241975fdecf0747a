// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/signer.h"

#include <array>

#include "auth/crypto/base64url.h"

namespace tollgate::jwt {

std::string usual_header(const Algorithm& algorithm) {
  return crypto::base64url(
      crypto::octets(R"({"alg":")" + std::string(algorithm.name) + R"(","typ":"JWT"})"));
}

Result<Signer> Signer::create(const SigningKey& key) {
  TOLLGATE_TRY(hmac, key.hmac());
  return Signer(std::move(hmac), usual_header(key.algorithm()));
}

Signer::Signer(crypto::Hmac hmac, std::string header)
    : hmac_(std::move(hmac)), header_(std::move(header)) {}

Result<std::string> Signer::sign(const NewToken& token) {
  const std::string json = to_json(token);
  std::string out;
  out.reserve(header_.size() + 2 + crypto::base64url_size(json.size()) +
              crypto::base64url_size(crypto::kMaxDigestSize));
  out.append(header_).append(".");
  crypto::append_base64url(out, crypto::octets(json));

  std::array<uint8_t, crypto::kMaxDigestSize> mac{};
  if (!hmac_.sign(crypto::octets(out), mac)) return fail(crypto::openssl_error("HMAC"));
  out.append(".");
  crypto::append_base64url(out, crypto::Octets(mac).first(hmac_.size()));
  return out;
}

}  // namespace tollgate::jwt
