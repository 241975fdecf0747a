// Asymmetric keys: RSA, elliptic curves, Edwards curves; a pair or its public half.
//
// What is made here has been checked: the numbers are in range, the point is on its
// curve, the private part belongs to the public one, RSA has 2048 to 8192 bits.
// Messages name what is wrong and never hold a number of the key.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "auth/crypto/octets.h"
#include "auth/crypto/openssl.h"
#include "server/base/result.h"

namespace tollgate::crypto {

enum class KeyType : uint8_t { Rsa, Ec, Okp };
enum class Curve : uint8_t { None, P256, P384, P521, Secp256k1, Ed25519, Ed448 };

struct CurveRow {
  Curve curve;
  KeyType type;
  const char* name;        // as JWK writes it, and OpenSSL knows it, too
  std::size_t octets;      // of a coordinate, of a private key, and of half a signature
  std::string_view order;  // n, in hexadecimal digits; of Edwards curves nobody asks
};
const CurveRow& curve_row(Curve curve);
// Curve::None: nobody knows it.
Curve find_curve(std::string_view name);

inline constexpr std::size_t kSmallestRsaBits = 2048;  // RFC 7518 3.3
inline constexpr std::size_t kLargestRsaBits = 8192;   // what a verification may cost

// The numbers of RFC 7518 6.3, most significant byte first; d empty: a public key.
// p, q, dp, dq and qi are there all or none.
struct RsaNumbers {
  Octets n, e, d, p, q, dp, dq, qi;
};

// Wiped when destroyed: it may be a private number. Move only.
class Number {
 public:
  Number() = default;
  explicit Number(std::size_t size) : bytes_(size) {}
  Number(Number&&) noexcept = default;
  Number& operator=(Number&&) noexcept = default;
  ~Number();

  bool empty() const { return bytes_.empty(); }
  std::size_t size() const { return bytes_.size(); }
  uint8_t* data() { return bytes_.data(); }
  operator Octets() const { return bytes_; }  // NOLINT(google-explicit-constructor)

 private:
  std::vector<uint8_t> bytes_;
};

// Immutable, and may be used on several threads at once. Move only.
class Pkey {
 public:
  // Errors of all: InvalidArgument, with what is wrong and nothing of the key.
  // A private key in PKCS#8, PKCS#1 or SEC1, not encrypted; or a public one in SPKI.
  static Result<Pkey> from_pem(std::string_view text);
  static Result<Pkey> from_rsa(const RsaNumbers& numbers);
  // `d` empty: a public key. Each has exactly the length of the curve.
  static Result<Pkey> from_ec(Curve curve, Octets x, Octets y, Octets d);
  static Result<Pkey> from_okp(Curve curve, Octets x, Octets d);

  // New pairs. Errors besides: Internal (no entropy, or OpenSSL).
  static Result<Pkey> generate_rsa(std::size_t bits);
  static Result<Pkey> generate(Curve curve);

  KeyType type() const { return type_; }
  Curve curve() const { return curve_; }  // None for RSA
  bool is_private() const { return is_private_; }
  std::size_t bits() const;            // of the modulus, or of the curve
  std::size_t signature_size() const;  // RSA: of the modulus; others: r and s, or R and S

  // A number as JWK names it (RFC 7518 6.2, 6.3; RFC 8037 2): "n", "e", "d", "p", "q",
  // "dp", "dq", "qi", "x", "y"; of its fixed length on curves. Empty: the key has none.
  Number number(std::string_view name) const;

  evp_pkey_st* evp() const { return key_.get(); }

 private:
  Pkey(EvpPkeyPtr key, KeyType type, Curve curve, bool is_private)
      : key_(std::move(key)), type_(type), curve_(curve), is_private_(is_private) {}
  static Result<Pkey> checked(EvpPkeyPtr key, bool is_private);

  EvpPkeyPtr key_;
  KeyType type_;
  Curve curve_;
  bool is_private_;
};

}  // namespace tollgate::crypto
