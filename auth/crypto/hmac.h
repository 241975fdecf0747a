// HMAC (RFC 2104) with everything that depends on the key alone done once.
//
// A call copies two contexts that have already digested the padded key, which
// is the fastest form that OpenSSL 3 has without deprecated functions: nothing
// is fetched and no key is set up. (The copies cost OpenSSL two small mallocs.)
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "auth/crypto/octets.h"
#include "auth/crypto/openssl.h"
#include "server/base/result.h"

namespace tollgate::crypto {

enum class Digest : uint8_t { Sha256, Sha384, Sha512 };

constexpr std::size_t digest_size(Digest digest) {
  return digest == Digest::Sha256 ? 32 : digest == Digest::Sha384 ? 48 : 64;
}
inline constexpr std::size_t kMaxDigestSize = 64;

// Not thread-safe: one object for each thread (clone() is cheap).
class Hmac {
 public:
  // Any key, of any length. Errors: Internal (OpenSSL lacks the digest, or memory).
  static Result<Hmac> create(Digest digest, Octets key);
  // The same key for another thread; `this` must not be in use meanwhile.
  Result<Hmac> clone() const;

  std::size_t size() const { return size_; }

  // Writes size() bytes to the front of `out`; `out` may overlap `message`.
  // False when OpenSSL failed (no memory): `out` is then not a MAC.
  [[nodiscard]] bool sign(Octets message, std::span<uint8_t> out);

  // Compares in constant time. A MAC of another length, cut short or not, is none.
  [[nodiscard]] bool verify(Octets message, Octets mac);

 private:
  Hmac(EvpMdCtxPtr inner, EvpMdCtxPtr outer, EvpMdCtxPtr scratch, std::size_t size);

  EvpMdCtxPtr inner_;    // has digested key ^ ipad
  EvpMdCtxPtr outer_;    // has digested key ^ opad
  EvpMdCtxPtr scratch_;  // where both are continued
  std::size_t size_;
};

}  // namespace tollgate::crypto
