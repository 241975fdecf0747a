// A token to its claims, or the reason why not: the check at the gate.
//
// The order is fixed: shape, header, algorithm (the key's, compared byte for
// byte: a token cannot choose), signature, and only then JSON of the payload and
// its claims. Nothing of the payload is parsed before the signature holds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "auth/crypto/hmac.h"
#include "auth/jwt/decoder.h"
#include "auth/jwt/key.h"
#include "auth/jwt/policy.h"
#include "server/base/clock.h"
#include "server/base/result.h"

namespace tollgate::jwt {

using Verified = tl::expected<Claims, Refusal>;

// One thread: a worker's loop has its own, and it never blocks. An ordinary token
// is checked without allocation of ours (OpenSSL makes two small ones).
class Verifier {
 public:
  // Errors: Internal (OpenSSL).
  static Result<Verifier> create(const SigningKey& key);

  // The views in the claims end with the next call.
  Verified verify(std::string_view token, const Policy& policy, WallTime now);

  // See Decoder::copyable_claims(); to be called right after a verify() that succeeded.
  std::string copyable_claims(std::span<const std::string_view> except = {}) const {
    return decoder_.copyable_claims(except);
  }

 private:
  Verifier(crypto::Hmac hmac, const Algorithm& algorithm);
  bool is_ours(std::string_view header);
  bool is_signed(const Parts& parts);

  crypto::Hmac hmac_;
  const Algorithm* algorithm_;
  std::string usual_header_;  // {"alg":"HS256","typ":"JWT"}: PyJWT sorts
  std::string other_header_;  // {"typ":"JWT","alg":"HS256"}: what most others write
  Decoder decoder_;
};

}  // namespace tollgate::jwt
