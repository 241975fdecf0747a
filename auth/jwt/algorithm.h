// The algorithms of RFC 7518, 8037 and 8812 that tollgate signs and verifies with: one row each.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "auth/crypto/hmac.h"
#include "auth/crypto/pkey.h"
#include "auth/crypto/signature.h"

namespace tollgate::jwt {

enum class Family : uint8_t { Hmac, Rsa, RsaPss, Ecdsa, Eddsa };

struct Algorithm {
  std::string_view name;   // as "alg" writes it; compared byte for byte (RFC 7515 4.1.1)
  std::string_view alias;  // another name for the same: verified, never written; may be empty
  Family family;
  crypto::Digest digest;  // of Eddsa: not looked at
  crypto::Curve curve;    // None: the key has none
  bool extra;             // only with extra_algorithms

  constexpr bool is_symmetric() const { return family == Family::Hmac; }
  constexpr bool is_called(std::string_view alg) const {
    return alg == name || (!alias.empty() && alg == alias);
  }
};

// There is no row for "none", and never will be. RFC 9864 calls EdDSA by its curve; PyJWT does not.
inline constexpr std::array kAlgorithms = {
    Algorithm{"HS256", "", Family::Hmac, crypto::Digest::Sha256, crypto::Curve::None, false},
    Algorithm{"HS384", "", Family::Hmac, crypto::Digest::Sha384, crypto::Curve::None, false},
    Algorithm{"HS512", "", Family::Hmac, crypto::Digest::Sha512, crypto::Curve::None, false},
    Algorithm{"RS256", "", Family::Rsa, crypto::Digest::Sha256, crypto::Curve::None, false},
    Algorithm{"RS384", "", Family::Rsa, crypto::Digest::Sha384, crypto::Curve::None, false},
    Algorithm{"RS512", "", Family::Rsa, crypto::Digest::Sha512, crypto::Curve::None, false},
    Algorithm{"PS256", "", Family::RsaPss, crypto::Digest::Sha256, crypto::Curve::None, false},
    Algorithm{"PS384", "", Family::RsaPss, crypto::Digest::Sha384, crypto::Curve::None, false},
    Algorithm{"PS512", "", Family::RsaPss, crypto::Digest::Sha512, crypto::Curve::None, false},
    Algorithm{"ES256", "", Family::Ecdsa, crypto::Digest::Sha256, crypto::Curve::P256, false},
    Algorithm{"ES384", "", Family::Ecdsa, crypto::Digest::Sha384, crypto::Curve::P384, false},
    Algorithm{"ES512", "", Family::Ecdsa, crypto::Digest::Sha512, crypto::Curve::P521, false},
    Algorithm{"EdDSA", "Ed25519", Family::Eddsa, crypto::Digest::Sha512, crypto::Curve::Ed25519,
              false},
    Algorithm{"ES256K", "", Family::Ecdsa, crypto::Digest::Sha256, crypto::Curve::Secp256k1, true},
    Algorithm{"Ed448", "EdDSA", Family::Eddsa, crypto::Digest::Sha512, crypto::Curve::Ed448, true},
};

// Every row, the extra ones too.
constexpr std::span<const Algorithm> algorithms() { return kAlgorithms; }

// By name, then by alias. nullptr: no such algorithm.
const Algorithm* find_algorithm(std::string_view name);

// Whether a key of this type and curve can be one of this algorithm.
bool fits(const Algorithm& algorithm, const crypto::Pkey& key);

// What a key is for that does not say: RS256, or the one of its curve.
const Algorithm& usual_algorithm(const crypto::Pkey& key);

// Of an asymmetric algorithm.
crypto::Scheme scheme_of(const Algorithm& algorithm);

// RFC 7518 3.2: an HMAC key is at least as long as the digest, in bytes.
constexpr std::size_t smallest_secret(const Algorithm& algorithm) {
  return crypto::digest_size(algorithm.digest);
}

// simplejwt's default, and ours.
constexpr const Algorithm& hs256() { return kAlgorithms[0]; }

}  // namespace tollgate::jwt
