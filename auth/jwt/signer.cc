// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/signer.h"

#include <array>

#include "auth/crypto/base64url.h"
#include "server/base/text.h"

namespace tollgate::jwt {

// PyJWT sorts the members.
std::string usual_header(const Algorithm& algorithm, std::string_view kid, std::string_view type) {
  std::string json = R"({"alg":")" + std::string(algorithm.name) + '"';
  if (!kid.empty()) {
    json += R"(,"kid":)";
    append_json_quoted(json, kid);
  }
  json.append(R"(,"typ":")").append(type).append("\"}");
  return crypto::base64url(crypto::octets(json));
}

Result<Signer> Signer::create(const std::shared_ptr<const KeyRing>& ring,
                              const SignerOptions& options) {
  Signer signer(options);
  TOLLGATE_CHECK(signer.use(ring));
  return signer;
}

Status Signer::use(const std::shared_ptr<const KeyRing>& ring) {
  const Key* const key = ring->signer();
  if (key == nullptr) {
    context_.reset();
    return {};
  }
  TOLLGATE_TRY(context, KeyContext::for_signing(*key));
  context_.emplace(std::move(context));
  const std::string_view kid = ring->written_kid(*key);
  header_ = usual_header(key->algorithm(), kid);
  access_header_ = options_.at_jwt ? usual_header(key->algorithm(), kid, "at+jwt") : header_;
  return {};
}

Result<std::string> Signer::sign(const NewToken& token) {
  if (!context_) return fail(Errc::Unavailable, "no key may sign: all are public");
  const std::string& header = token.type == TokenType::Access ? access_header_ : header_;
  const std::string json = to_json(token);
  const std::size_t size = context_->signature_size();
  std::string out;
  out.reserve(header.size() + 2 + crypto::base64url_size(json.size()) +
              crypto::base64url_size(size));
  out.append(header).append(".");
  crypto::append_base64url(out, crypto::octets(json));

  std::array<uint8_t, crypto::kMaxSignature> signature{};
  if (!context_->sign(crypto::octets(out), signature))
    return fail(crypto::openssl_error("signing a token"));
  out.append(".");
  crypto::append_base64url(out, crypto::Octets(signature).first(size));
  return out;
}

}  // namespace tollgate::jwt
