// One key, bound to one algorithm (RFC 8725 3.1): a secret, a pair, or a public half.
//
// The bytes of a secret are those of the setting as they are, as simplejwt uses
// SIGNING_KEY: nothing is decoded. A key that belongs to another kind of algorithm is
// refused: a public key used as an HMAC secret lets everybody sign (RFC 8725 2.1).
// Messages say what is wrong and what to do, and never show any of the key.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/crypto/hmac.h"
#include "auth/crypto/pkey.h"
#include "auth/crypto/secure.h"
#include "auth/crypto/signature.h"
#include "auth/jwt/algorithm.h"
#include "server/base/result.h"

namespace tollgate::jwt {

inline constexpr std::size_t kLongestKid = 256;  // bytes; it is in the header of each token

struct KeyOptions {
  const Algorithm* algorithm = nullptr;  // nullptr: the usual one of the key's type
  std::string kid = {};                  // empty: the thumbprint
  bool extra_algorithms = false;         // ES256K and Ed448
  bool skip_encryption_keys = false;     // of a JWK Set: those of use "enc", which else are refused
};

// Immutable; any thread. Move only.
class Key {
 public:
  // Errors of all: InvalidArgument. Here, too, for PEM, SSH, DER and JWK texts.
  static Result<Key> from_secret(crypto::SecretString secret, const Algorithm& algorithm = hs256(),
                                 std::string kid = {});
  // A private key that signs and verifies, or a public one. See Pkey::from_pem().
  static Result<Key> from_pem(std::string_view text, const KeyOptions& options = {});
  static Result<Key> from_pkey(crypto::Pkey pkey, const KeyOptions& options = {});

  // A JSON Web Key (RFC 7517): oct, RSA, EC or OKP, with or without its private part. What it
  // says of itself (alg, use, key_ops, kid) is binding; of `options` only extra_algorithms counts.
  static Result<Key> from_jwk(std::string_view json, const KeyOptions& options = {});
  // The same of each member of a JWK Set, or of the one JWK that `json` is. An error
  // names the key by its number, from 1, and its kid.
  static Result<std::vector<Key>> from_jwk_set(std::string_view json,
                                               const KeyOptions& options = {});

  // A new key that signs: a secret with a random kid, or a pair (RSA: of 3072 bits) with its
  // thumbprint. Errors besides: Internal (no entropy, or OpenSSL).
  static Result<Key> generate(const Algorithm& algorithm, bool extra_algorithms = false);
  // This key, which only verifies: private_jwk() has no private half of it then, and a secret
  // says key_ops.
  Key verifying_only() &&;

  const Algorithm& algorithm() const { return *algorithm_; }
  const std::string& kid() const { return kid_; }
  bool may_sign() const { return may_sign_; }
  bool is_symmetric() const { return algorithm_->is_symmetric(); }

  // RFC 7638, of the public part: two keys with one thumbprint are one key.
  const std::string& thumbprint() const { return thumbprint_; }
  // "P-256", "3072 bits" of RSA, "86 bytes" of a secret.
  std::string strength() const;
  // For messages: `key 2 (kid "a")`. `number` from 1; 0: no number.
  std::string label(std::size_t number = 0) const;

  // With kid, alg and use. Empty for a secret, which has no public half.
  std::string public_jwk() const;
  crypto::SecretString private_jwk() const;

  // Contexts for one thread. Errors: Internal (OpenSSL); InvalidArgument for the wrong family.
  Result<crypto::Hmac> hmac() const;
  Result<crypto::Signature> verifying() const;
  Result<crypto::Signature> signing() const;

 private:
  Key(crypto::SecretString secret, std::optional<crypto::Pkey> pkey, const Algorithm& algorithm);
  Status take_kid(std::string kid);
  struct FromJwk;
  Result<std::string> compute_thumbprint() const;
  std::size_t room() const;
  void append_public_members(std::string& out) const;
  void append_labels(std::string& out) const;

  crypto::SecretString secret_;
  std::optional<crypto::Pkey> pkey_;
  const Algorithm* algorithm_;  // a row of the table
  bool may_sign_;
  bool has_own_kid_ = false;  // and not the thumbprint, which tells of a secret: not logged
  std::string thumbprint_;
  std::string kid_;
};

// What a text that should be a secret is instead.
enum class KeyText : uint8_t { Secret, Pem, Ssh, Der, Jwk };
KeyText kind_of(std::string_view text);

// A kid that says nothing of its key: 16 random letters and digits. Errors: Internal (no entropy).
Result<std::string> random_kid();

// A new secret, long enough for every HMAC algorithm: 64 random bytes as 86
// characters of base64url. Errors: Internal (no entropy).
Result<crypto::SecretString> generate_key();

}  // namespace tollgate::jwt
