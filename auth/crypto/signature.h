// Signatures of asymmetric keys as JWS writes them (RFC 7518 3.3 to 3.5, RFC 8037 3.1).
//
// Everything that depends on the key alone is done once: nothing is fetched or
// parsed for a signature.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "auth/crypto/hmac.h"
#include "auth/crypto/octets.h"
#include "auth/crypto/openssl.h"
#include "auth/crypto/pkey.h"

namespace tollgate::crypto {

enum class Scheme : uint8_t {
  RsaPkcs1,  // RSASSA-PKCS1-v1_5
  RsaPss,    // the salt as long as the digest
  Ecdsa,     // r || s, each as long as the curve's order
  Eddsa,     // pure; the digest is not looked at
};

inline constexpr std::size_t kMaxSignature = kLargestRsaBits / 8;

// Signs with a key, or verifies. One thread.
class Signature {
 public:
  // The key is counted, and may go. Errors: Internal (OpenSSL), InvalidArgument (a scheme
  // for another type of key; for_signing() of a public key).
  static Result<Signature> for_verifying(const Pkey& key, Scheme scheme, Digest digest);
  static Result<Signature> for_signing(const Pkey& key, Scheme scheme, Digest digest);

  std::size_t size() const { return size_; }

  // Of size() bytes exactly; for Scheme::Ecdsa r and s from 1 to n - 1.
  [[nodiscard]] bool verify(Octets message, Octets signature);

  // Writes size() bytes to the front of `out`. False when OpenSSL failed.
  [[nodiscard]] bool sign(Octets message, std::span<uint8_t> out);

 private:
  Signature() = default;
  static Result<Signature> create(const Pkey& key, Scheme scheme, Digest digest, bool signing);
  bool digest_of(Octets message, std::span<uint8_t> out);

  Scheme scheme_ = Scheme::RsaPkcs1;
  std::size_t size_ = 0;
  std::size_t digest_size_ = 0;
  std::vector<uint8_t> order_;  // Ecdsa: n, as long as r
  EvpPkeyCtxPtr context_;       // signs or verifies digests; null for Eddsa
  EvpMdCtxPtr start_;           // begins each message: an empty digest, or all of Eddsa
  EvpMdCtxPtr scratch_;         // where it is continued
};

}  // namespace tollgate::crypto
