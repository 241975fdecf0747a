// All keys of one moment: one signs, all verify.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/jwt/key.h"
#include "server/base/result.h"

namespace tollgate::jwt {

// Immutable and shared: another ring takes its place, and this one ends with its last user.
class KeyRing {
 public:
  // The first key that may sign is the signer. Errors: InvalidArgument, with the number and the
  // kid of the key: no key, a kid or a key twice, secrets among public keys (who takes a public
  // key for a secret can sign).
  static Result<std::shared_ptr<const KeyRing>> create(std::vector<Key> keys);
  static Result<std::shared_ptr<const KeyRing>> of(Key key);

  // nullptr: none may sign.
  const Key* signer() const { return signer_; }
  std::span<const Key> keys() const { return keys_; }
  const Key* find(std::string_view kid) const;
  bool is_symmetric() const { return keys_.front().is_symmetric(); }

  // Another number for each ring of this process.
  uint64_t generation() const { return generation_; }

  // The "kid" that `key` writes into tokens; empty for the only secret, as PyJWT writes none, and
  // for one that was given none.
  std::string_view written_kid(const Key& key) const;

  // JWK Sets. The public one has no secrets, not even their names; Key::from_jwk_set() of the
  // private one makes this ring again, with the same signer.
  // Whether `other` signs and verifies the same tokens, and writes the same kids.
  bool is_same(const KeyRing& other) const;

  std::string public_jwk_set() const;
  crypto::SecretString private_jwk_set() const;

 private:
  explicit KeyRing(std::vector<Key> keys);

  std::vector<Key> keys_;
  const Key* signer_;  // in keys_
  uint64_t generation_;
};

// For the time in which some sign with `next` already: the keys of both, of which only the signer
// of `now` signs. Errors: InvalidArgument: secrets and public keys; one kid for two keys; or one
// key under another kid or algorithm, which whoever knows it as it was would not recognise.
Result<std::shared_ptr<const KeyRing>> join(const KeyRing& now, const KeyRing& next);

}  // namespace tollgate::jwt
