// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/verifier.h"

#include <algorithm>

#include "auth/crypto/base64url.h"
#include "auth/jwt/signer.h"
#include "server/base/text.h"

namespace tollgate::jwt {
namespace {

// RFC 9068 4, RFC 7515 4.1.9: a media type, which may go without "application/".
bool is_at_jwt(std::string_view type) {
  return iequals(type, "at+jwt") || iequals(type, "application/at+jwt");
}

// The ways in which issuers spell the header of a token: PyJWT sorts, most others do not.
std::vector<std::string> spellings(const Algorithm& algorithm, std::string_view kid) {
  std::string quoted;
  if (!kid.empty()) append_json_quoted(quoted, kid);
  const std::string alg = R"("alg":")" + std::string(algorithm.name) + '"';
  const std::string type = R"("typ":"JWT")";
  std::vector<std::string> out = {usual_header(algorithm, kid)};
  const auto add = [&out](const std::string& json) {
    out.push_back(crypto::base64url(crypto::octets(json)));
  };
  add(quoted.empty() ? "{" + type + "," + alg + "}"
                     : "{" + alg + "," + type + R"(,"kid":)" + quoted + "}");
  out.push_back(usual_header(algorithm, kid, "at+jwt"));
  return out;
}

}  // namespace

Result<Verifier> Verifier::create(std::shared_ptr<const KeyRing> ring,
                                  const VerifierOptions& options) {
  TOLLGATE_TRY(cache, TokenCache::create());
  Verifier verifier(options, std::move(cache));
  TOLLGATE_CHECK(verifier.use(std::move(ring)));
  return verifier;
}

Status Verifier::use(std::shared_ptr<const KeyRing> ring) {
  std::vector<KeyContext> contexts;
  for (const Key& key : ring->keys()) {
    TOLLGATE_TRY(context, KeyContext::for_verifying(key));
    contexts.push_back(std::move(context));
  }
  ring_ = std::move(ring);
  contexts_ = std::move(contexts);
  usual_.clear();
  for (const Key& key : ring_->keys())
    for (const std::string_view kid : {std::string_view(), std::string_view(key.kid())})
      for (std::string& text : spellings(key.algorithm(), kid)) {
        const auto header = decoder_.header(text);
        if (header) usual_.push_back({std::move(text), candidates_of(*header)});
      }
  std::ranges::sort(usual_, {}, &UsualHeader::text);  // a secret's spellings are those of all
  const auto is_same = [](const auto& a, const auto& b) { return a.text == b.text; };
  usual_.erase(std::unique(usual_.begin(), usual_.end(), is_same), usual_.end());
  return {};
}

Verified Verifier::verify(std::string_view token, const Policy& policy, WallTime now) {
  if (token.size() > kMaxToken) return Refusal::Invalid;
  const uint64_t hash = options_.cache ? cache_.hash(token) : 0;
  if (const KnownToken* const known =
          options_.cache ? cache_.find(hash, token, ring_->generation()) : nullptr) {
    const auto refusal = judge(known->claims.get(), known->is_at_jwt, policy, now);
    return refusal ? Verified(*refusal) : Verified(known->claims.get());
  }
  const auto parts = split_token(token);
  if (!parts) return Refusal::Invalid;
  const Candidates candidates = candidates_of(parts->header);
  if (candidates.count == 0 || !is_signed(*parts, candidates)) return Refusal::Invalid;
  auto claims = decoder_.claims(parts->payload, options_.names);
  if (!claims) return Refusal::Invalid;
  claims_ = *std::move(claims);
  if (const auto refusal = judge(claims_, candidates.is_at_jwt, policy, now)) return *refusal;
  if (options_.cache) remember(hash, token, candidates.is_at_jwt);
  return claims_;
}

// Of a token whose signature held: what may change from use to use.
std::optional<Refusal> Verifier::judge(const Claims& claims, bool is_at_jwt, const Policy& policy,
                                       WallTime now) const {
  const bool is_for_access = policy.type.value_or(TokenType::Access) == TokenType::Access;
  if (options_.require_at_jwt && is_for_access && !is_at_jwt) return Refusal::Invalid;
  if (const auto refusal = check(claims, policy, now)) return refusal;
  if (options_.is_revoked && options_.is_revoked(claims)) return Refusal::Invalid;
  return std::nullopt;
}

// An HMAC costs little more than to remember it: what comes once is not worth its place.
void Verifier::remember(uint64_t hash, std::string_view token, bool is_at_jwt) {
  const auto when = ring_->is_symmetric() ? TokenCache::When::SeenAgain : TokenCache::When::Now;
  cache_.add(hash, token, ring_->generation(), claims_, is_at_jwt, when);
}

Verifier::Candidates Verifier::candidates_of(std::string_view header) {
  const auto usual = std::ranges::lower_bound(usual_, header, {}, &UsualHeader::text);
  if (usual != usual_.end() && usual->text == header) return usual->candidates;
  const auto parsed = decoder_.header(header);
  return parsed ? candidates_of(*parsed) : Candidates{};
}

// A kid that the ring knows stands for that key alone. One that it does not know means nothing
// with secrets, whose kid PyJWT never writes; of public keys it means that ours is not meant.
Verifier::Candidates Verifier::candidates_of(const Header& header) const {
  Candidates out{.is_at_jwt = header.type && is_at_jwt(*header.type)};
  const auto keys = ring_->keys();
  const Key* const named = header.key_id ? ring_->find(*header.key_id) : nullptr;
  if (header.key_id && named == nullptr && !ring_->is_symmetric()) return out;
  for (std::size_t i = 0; i < keys.size() && out.count < kMostCandidates; ++i)
    if ((named == nullptr || named == &keys[i]) && keys[i].algorithm().is_called(header.algorithm))
      out.keys[out.count++] = i;
  return out;
}

bool Verifier::is_signed(const Parts& parts, const Candidates& candidates) {
  std::array<uint8_t, crypto::kMaxSignature + 1> signature;  // NOLINT: decoding fills it
  if (crypto::base64url_octets(parts.signature.size()) > signature.size()) return false;
  const auto size = crypto::base64url_decode(parts.signature, signature);
  if (!size) return false;
  const auto octets = crypto::Octets(signature).first(*size);
  const auto last = candidates.keys.begin() + candidates.count;
  return std::any_of(candidates.keys.begin(), last, [&](std::size_t key) {
    return contexts_[key].verify(crypto::octets(parts.signing_input), octets);
  });
}

}  // namespace tollgate::jwt
