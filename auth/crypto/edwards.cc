// SPDX-License-Identifier: Apache-2.0
#include "auth/crypto/edwards.h"

#include <openssl/bn.h>

#include <memory>
#include <vector>

namespace tollgate::crypto {
namespace {

struct ContextDelete {
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};

// Numbers modulo p. A failed allocation leaves `ok` false.
class Field {
 public:
  explicit Field(BignumPtr prime) : prime_(std::move(prime)) {}

  BignumPtr number(int64_t value) {
    BignumPtr out(BN_new());
    ok_ = ok_ && out && BN_set_word(out.get(), static_cast<BN_ULONG>(value < 0 ? -value : value));
    if (ok_ && value < 0) ok_ = BN_sub(out.get(), prime_.get(), out.get()) == 1;
    return out;
  }
  BignumPtr add(const BignumPtr& a, const BignumPtr& b) { return apply(a, b, BN_mod_add); }
  BignumPtr subtract(const BignumPtr& a, const BignumPtr& b) { return apply(a, b, BN_mod_sub); }
  BignumPtr multiply(const BignumPtr& a, const BignumPtr& b) { return apply(a, b, BN_mod_mul); }
  BignumPtr inverse(const BignumPtr& a) {
    BignumPtr out(BN_new());
    ok_ = ok_ && out && BN_mod_inverse(out.get(), a.get(), prime_.get(), context_.get()) != nullptr;
    return out;
  }
  bool is_square(const BignumPtr& a) {
    return ok_ && BN_kronecker(a.get(), prime_.get(), context_.get()) == 1;
  }
  bool is_zero(const BignumPtr& a) const { return ok_ && BN_is_zero(a.get()); }
  bool holds(const BignumPtr& a) const { return ok_ && BN_cmp(a.get(), prime_.get()) < 0; }
  bool ok() const { return ok_; }

 private:
  using Operation = int (*)(BIGNUM*, const BIGNUM*, const BIGNUM*, const BIGNUM*, BN_CTX*);
  BignumPtr apply(const BignumPtr& a, const BignumPtr& b, Operation operation) {
    BignumPtr out(BN_new());
    ok_ = ok_ && out && operation(out.get(), a.get(), b.get(), prime_.get(), context_.get()) == 1;
    return out;
  }

  BignumPtr prime_;
  std::unique_ptr<BN_CTX, ContextDelete> context_{BN_CTX_new()};
  bool ok_ = prime_ != nullptr && context_ != nullptr;
};

BignumPtr prime_of(Curve curve) {
  BIGNUM* prime = nullptr;
  BN_hex2bn(&prime, curve == Curve::Ed25519
                        ? "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed"
                        : "fffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
                          "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff");
  return BignumPtr(prime);
}

// y, without the bit that stands for the sign of x.
BignumPtr y_of(Octets x) {
  std::vector<uint8_t> bytes(x.begin(), x.end());
  bytes.back() &= 0x7F;
  return BignumPtr(BN_lebin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

}  // namespace

bool is_edwards_point(Curve curve, Octets x) {
  if (x.size() != curve_row(curve).octets) return false;
  Field field(prime_of(curve));
  const BignumPtr y = y_of(x);
  if (!y || !field.holds(y)) return false;

  // a x^2 + y^2 = 1 + d x^2 y^2, so x^2 = (y^2 - 1) / (d y^2 - a): a square?
  const bool is_25519 = curve == Curve::Ed25519;
  const BignumPtr one = field.number(1);
  const BignumPtr a = field.number(is_25519 ? -1 : 1);
  const BignumPtr d =
      is_25519 ? field.multiply(field.number(-121665), field.inverse(field.number(121666)))
               : field.number(-39081);
  if (!field.ok()) return false;
  const BignumPtr square = field.multiply(y, y);
  const BignumPtr above = field.subtract(square, one);
  const BignumPtr below = field.subtract(field.multiply(d, square), a);
  // Orders 1, 2 and 4: x or y is 0.
  if (!field.ok() || field.is_zero(y) || field.is_zero(above)) return false;
  if (!field.is_square(field.multiply(above, below))) return false;
  if (!is_25519) return true;
  // Order 8 (Ed448 has none): its double has y = 0, which is y^2 = -x^2.
  return !field.is_zero(field.add(field.multiply(square, below), above)) && field.ok();
}

}  // namespace tollgate::crypto
