// A token to its claims, or the reason why not: the check at the gate.
//
// The order is fixed: shape, header, key and its algorithm (compared byte for byte: a
// token cannot choose), signature, and only then JSON of the payload and its claims.
// Nothing of the payload is parsed before the signature holds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "auth/jwt/decoder.h"
#include "auth/jwt/key_context.h"
#include "auth/jwt/key_ring.h"
#include "auth/jwt/policy.h"
#include "auth/jwt/token_cache.h"
#include "server/base/clock.h"
#include "server/base/result.h"

namespace tollgate::jwt {

// What a token says, or why it is refused. The claims, and all views in them, end with the next
// call of the verifier.
class Verified {
 public:
  Verified(const Claims& claims) : claims_(&claims) {}  // NOLINT: either of both
  Verified(Refusal refusal) : refusal_(refusal) {}      // NOLINT

  bool has_value() const { return claims_ != nullptr; }
  explicit operator bool() const { return has_value(); }
  const Claims& operator*() const { return *claims_; }
  const Claims* operator->() const { return claims_; }
  Refusal error() const { return refusal_; }

 private:
  const Claims* claims_ = nullptr;
  Refusal refusal_ = Refusal::Invalid;
};

struct VerifierOptions {
  // Access tokens must say "typ":"at+jwt" (RFC 9068 4): no other JWT of their issuer is one.
  bool require_at_jwt = false;
  // Remembers tokens whose signatures held, and what they say (token_cache.h).
  bool cache = true;
  ClaimNames names = {};
  // Whether a token that is fine otherwise was taken back; asked at every use. Empty: none ever.
  std::function<bool(const Claims&)> is_revoked = {};
};

// One thread: a worker's loop has its own, and it never blocks. An ordinary token
// is checked without allocation of ours (OpenSSL makes two small ones).
class Verifier {
 public:
  // Errors: Internal (OpenSSL).
  static Result<Verifier> create(std::shared_ptr<const KeyRing> ring,
                                 const VerifierOptions& options = {});

  // From now on with the keys of this ring. On an error the old ones stay in use.
  Status use(std::shared_ptr<const KeyRing> ring);

  Verified verify(std::string_view token, const Policy& policy, WallTime now);

  // See Decoder::copyable_claims().
  std::string copyable_claims(const Claims& claims, std::span<const std::string_view> except = {}) {
    return decoder_.copyable_claims(claims, except);
  }

 private:
  // Signatures that one token may cost: keys of its algorithm, when it names none.
  static constexpr std::size_t kMostCandidates = 3;
  struct Candidates {
    std::array<std::size_t, kMostCandidates> keys{};  // in contexts_
    std::size_t count = 0;
    bool is_at_jwt = false;
  };
  // How nearly all headers are spelled: these are not parsed.
  struct UsualHeader {
    std::string text;  // base64url
    Candidates candidates;
  };

  Verifier(const VerifierOptions& options, TokenCache cache)
      : options_(options), cache_(std::move(cache)) {}
  Candidates candidates_of(std::string_view header);
  Candidates candidates_of(const Header& header) const;
  bool is_signed(const Parts& parts, const Candidates& candidates);
  void remember(uint64_t hash, std::string_view token, bool is_at_jwt);
  std::optional<Refusal> judge(const Claims& claims, bool is_at_jwt, const Policy& policy,
                               WallTime now) const;

  VerifierOptions options_;
  std::shared_ptr<const KeyRing> ring_;
  std::vector<KeyContext> contexts_;  // of ring_->keys(), in their order
  std::vector<UsualHeader> usual_;
  TokenCache cache_;
  Decoder decoder_;
  Claims claims_;  // of the token last decoded
};

}  // namespace tollgate::jwt
