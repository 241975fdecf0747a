// Claims to a signed token, byte for byte as simplejwt writes it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "auth/crypto/hmac.h"
#include "auth/jwt/claims.h"
#include "auth/jwt/key.h"
#include "server/base/result.h"

namespace tollgate::jwt {

// One thread.
class Signer {
 public:
  // Errors: Internal (OpenSSL).
  static Result<Signer> create(const SigningKey& key);

  // The header is {"alg":"HS256","typ":"JWT"}: no kid for a single HMAC key, as
  // PyJWT writes none. Errors: Internal (OpenSSL has no memory).
  Result<std::string> sign(const NewToken& token);

 private:
  Signer(crypto::Hmac hmac, std::string header);

  crypto::Hmac hmac_;
  std::string header_;  // base64url
};

// {"alg":"HS256","typ":"JWT"} in base64url: how PyJWT, and we, begin each token.
std::string usual_header(const Algorithm& algorithm);

}  // namespace tollgate::jwt
