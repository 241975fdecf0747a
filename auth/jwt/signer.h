// Claims to a signed token, byte for byte as simplejwt writes it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "auth/jwt/claims.h"
#include "auth/jwt/key_context.h"
#include "auth/jwt/key_ring.h"
#include "server/base/result.h"

namespace tollgate::jwt {

struct SignerOptions {
  bool at_jwt = false;  // access tokens say "typ":"at+jwt" (RFC 9068 2.1)
};

// One thread.
class Signer {
 public:
  // Errors: Internal (OpenSSL). A ring without a signer makes a Signer that refuses to sign.
  static Result<Signer> create(const std::shared_ptr<const KeyRing>& ring,
                               const SignerOptions& options = {});

  // From now on with the signer of this ring. On an error the old one stays in use.
  Status use(const std::shared_ptr<const KeyRing>& ring);

  // The header is {"alg":"HS256","typ":"JWT"}: no kid for a single HMAC key, as PyJWT writes
  // none; else {"alg":"RS256","kid":"…","typ":"JWT"}.
  // Errors: Internal (OpenSSL has no memory); Unavailable (no key may sign).
  Result<std::string> sign(const NewToken& token);

 private:
  explicit Signer(const SignerOptions& options) : options_(options) {}

  SignerOptions options_;
  std::optional<KeyContext> context_;  // nullopt: no key may sign
  std::string header_;                 // base64url
  std::string access_header_;          // of access tokens
};

// {"alg":"HS256","typ":"JWT"} in base64url: how PyJWT, and we, begin each token. `kid` empty: none.
std::string usual_header(const Algorithm& algorithm, std::string_view kid = {},
                         std::string_view type = "JWT");

}  // namespace tollgate::jwt
