// The secret that tokens are signed and verified with, bound to one algorithm.
//
// Its bytes are those of the setting as they are, as simplejwt uses SIGNING_KEY:
// nothing is decoded. A key that belongs to another kind of algorithm is refused:
// a public key used as an HMAC secret lets everybody sign (RFC 8725 2.1).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "auth/crypto/hmac.h"
#include "auth/crypto/secure.h"
#include "auth/jwt/algorithm.h"
#include "server/base/result.h"

namespace tollgate::jwt {

class SigningKey {
 public:
  // Errors: InvalidArgument, for an empty or short secret, and for PEM, SSH, DER
  // and JWK texts. The message says what to do, and never shows the secret.
  static Result<SigningKey> from_secret(crypto::SecretString secret,
                                        const Algorithm& algorithm = hs256());

  const Algorithm& algorithm() const { return *algorithm_; }

  // Contexts for one thread. Errors: Internal (OpenSSL).
  Result<crypto::Hmac> hmac() const;

 private:
  SigningKey(crypto::SecretString secret, const Algorithm& algorithm);

  crypto::SecretString secret_;
  const Algorithm* algorithm_;  // a row of the table
};

struct LoadedKey {
  SigningKey key;
  std::string warning;  // a sentence for the log, or empty: others may read the file
};

// Reads a file; one newline at its end is not part of the secret.
// Errors: those of from_secret() and of the system, each with the path in front.
Result<LoadedKey> load_signing_key(const std::string& path, const Algorithm& algorithm = hs256());

struct KeyText {
  crypto::SecretString text;
  std::string warning;  // as above
};

// The same file as text, for who hands it on. The key is checked all the same.
Result<KeyText> read_signing_key(const std::string& path, const Algorithm& algorithm = hs256());

// A new secret, long enough for every HMAC algorithm: 64 random bytes as 86
// characters of base64url. Errors: Internal (no entropy).
Result<crypto::SecretString> generate_key();

}  // namespace tollgate::jwt
