// SPDX-License-Identifier: Apache-2.0
#include "auth/crypto/pkey.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "auth/crypto/edwards.h"

namespace tollgate::crypto {
namespace {

constexpr std::array kCurves = {
    CurveRow{Curve::P256, KeyType::Ec, "P-256", 32,
             "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"},
    CurveRow{Curve::P384, KeyType::Ec, "P-384", 48,
             "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf"
             "581a0db248b0a77aecec196accc52973"},
    CurveRow{Curve::P521, KeyType::Ec, "P-521", 66,
             "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
             "a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"},
    CurveRow{Curve::Secp256k1, KeyType::Ec, "secp256k1", 32,
             "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"},
    CurveRow{Curve::Ed25519, KeyType::Okp, "Ed25519", 32, ""},
    CurveRow{Curve::Ed448, KeyType::Okp, "Ed448", 57, ""},
};

struct NumberName {
  KeyType type;
  std::string_view name;
  const char* openssl;  // nullptr: raw bytes
};
constexpr std::array kNumbers = {
    NumberName{KeyType::Rsa, "n", OSSL_PKEY_PARAM_RSA_N},
    NumberName{KeyType::Rsa, "e", OSSL_PKEY_PARAM_RSA_E},
    NumberName{KeyType::Rsa, "d", OSSL_PKEY_PARAM_RSA_D},
    NumberName{KeyType::Rsa, "p", OSSL_PKEY_PARAM_RSA_FACTOR1},
    NumberName{KeyType::Rsa, "q", OSSL_PKEY_PARAM_RSA_FACTOR2},
    NumberName{KeyType::Rsa, "dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
    NumberName{KeyType::Rsa, "dq", OSSL_PKEY_PARAM_RSA_EXPONENT2},
    NumberName{KeyType::Rsa, "qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
    NumberName{KeyType::Ec, "x", OSSL_PKEY_PARAM_EC_PUB_X},
    NumberName{KeyType::Ec, "y", OSSL_PKEY_PARAM_EC_PUB_Y},
    NumberName{KeyType::Ec, "d", OSSL_PKEY_PARAM_PRIV_KEY},
    NumberName{KeyType::Okp, "x", nullptr},
    NumberName{KeyType::Okp, "d", nullptr},
};

// Parameters of a key to be made; the numbers live as long as this.
class Parameters {
 public:
  void number(const char* name, Octets bytes) {
    BignumPtr number(BN_secure_new());
    ok_ = ok_ && number &&
          BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), number.get()) != nullptr &&
          OSSL_PARAM_BLD_push_BN(builder_.get(), name, number.get()) == 1;
    numbers_.push_back(std::move(number));
  }
  void text(const char* name, const char* value) {
    ok_ = ok_ && OSSL_PARAM_BLD_push_utf8_string(builder_.get(), name, value, 0) == 1;
  }
  void bytes(const char* name, Octets value) {
    ok_ = ok_ &&
          OSSL_PARAM_BLD_push_octet_string(builder_.get(), name, value.data(), value.size()) == 1;
  }
  EvpPkeyPtr make(const char* type, bool is_private) {
    if (!ok_) return nullptr;
    const std::unique_ptr<OSSL_PARAM, Delete> params(OSSL_PARAM_BLD_to_param(builder_.get()));
    const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (params && context && EVP_PKEY_fromdata_init(context.get()) == 1)
      EVP_PKEY_fromdata(context.get(), &key, is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                        params.get());
    return EvpPkeyPtr(key);
  }

 private:
  struct Delete {
    void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
    void operator()(OSSL_PARAM* params) const { OSSL_PARAM_free(params); }
  };
  std::unique_ptr<OSSL_PARAM_BLD, Delete> builder_{OSSL_PARAM_BLD_new()};
  std::vector<BignumPtr> numbers_;
  bool ok_ = builder_ != nullptr;
};

// What OpenSSL has to say may be of the key: it is not told.
tl::unexpected<Error> refuse(std::string message) {
  ERR_clear_error();
  return fail(Errc::InvalidArgument, std::move(message));
}

bool check(evp_pkey_st* key, int (*how)(EVP_PKEY_CTX*)) {
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return context && how(context.get()) == 1;
}

// OpenSSL looks at n with a random number: two large primes pass always, a prime and its powers
// never, and what has smaller factors nearly always. What the master takes, each of its workers is
// to take: so one failure is none.
bool is_product_of_primes(evp_pkey_st* key) {
  constexpr int kTries = 4;
  for (int i = 0; i < kTries; ++i)
    if (check(key, EVP_PKEY_public_check)) return true;
  return false;
}

// What the private half signs, the public half verifies.
bool signs_for_itself(evp_pkey_st* key) {
  constexpr std::string_view kText = "tollgate";
  const Octets text = octets(kText);
  const char* digest = "SHA256";
  const EvpMdCtxPtr signing(EVP_MD_CTX_new());
  const EvpMdCtxPtr verifying(EVP_MD_CTX_new());
  std::array<uint8_t, kLargestRsaBits / 8> signature{};
  std::size_t size = signature.size();
  return signing && verifying &&
         EVP_DigestSignInit_ex(signing.get(), nullptr, digest, nullptr, nullptr, key, nullptr) ==
             1 &&
         EVP_DigestSign(signing.get(), signature.data(), &size, text.data(), text.size()) == 1 &&
         EVP_DigestVerifyInit_ex(verifying.get(), nullptr, digest, nullptr, nullptr, key,
                                 nullptr) == 1 &&
         EVP_DigestVerify(verifying.get(), signature.data(), size, text.data(), text.size()) == 1;
}

struct Kind {
  KeyType type;
  Curve curve;
};

std::optional<Kind> kind_of(const evp_pkey_st* key) {
  if (EVP_PKEY_is_a(key, "RSA") == 1) return Kind{KeyType::Rsa, Curve::None};
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return Kind{KeyType::Okp, Curve::Ed25519};
  if (EVP_PKEY_is_a(key, "ED448") == 1) return Kind{KeyType::Okp, Curve::Ed448};
  if (EVP_PKEY_is_a(key, "EC") != 1) return std::nullopt;
  std::array<char, 64> name{};
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), nullptr) != 1) return std::nullopt;
  const std::string_view group = name.data();
  if (group == "prime256v1") return Kind{KeyType::Ec, Curve::P256};
  if (group == "secp384r1") return Kind{KeyType::Ec, Curve::P384};
  if (group == "secp521r1") return Kind{KeyType::Ec, Curve::P521};
  if (group == "secp256k1") return Kind{KeyType::Ec, Curve::Secp256k1};
  return std::nullopt;
}

// Empty: the size and the exponent are fine.
std::string weakness_of_rsa(const evp_pkey_st* key) {
  const auto bits = static_cast<std::size_t>(EVP_PKEY_get_bits(key));
  if (bits < kSmallestRsaBits)
    return "an RSA key of " + std::to_string(bits) + " bits is too short: take 2048 or more";
  if (bits > kLargestRsaBits)
    return "an RSA key of " + std::to_string(bits) + " bits is too long: take 8192 or fewer";
  BIGNUM* read = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &read) != 1) return "it has no exponent";
  const BignumPtr exponent(read);
  if (BN_is_odd(exponent.get()) == 0 || BN_is_one(exponent.get()) == 1)
    return "its exponent e is not an odd number above 1";
  // What every verification costs; 65537 has 17 bits.
  if (BN_num_bits(exponent.get()) > 64) return "its exponent e has more than 64 bits";
  // RFC 7518 6.3.2.7 could write it; we do not, and no JWK of it would be this key.
  BIGNUM* third = nullptr;
  const bool has_third = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_FACTOR3, &third) == 1;
  const BignumPtr wiped(third);
  if (has_third) return "it has more than two primes";
  ERR_clear_error();
  return {};
}

int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1))
    ++found;
  return found;
}

}  // namespace

const CurveRow& curve_row(Curve curve) {
  return *std::ranges::find(kCurves, curve, &CurveRow::curve);
}

Curve find_curve(std::string_view name) {
  const auto* row =
      std::ranges::find_if(kCurves, [name](const CurveRow& curve) { return name == curve.name; });
  return row == kCurves.end() ? Curve::None : row->curve;
}

Number::~Number() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

Result<Pkey> Pkey::from_pem(std::string_view text) {
  const auto has = [text](std::string_view label) {
    return text.find("-----BEGIN " + std::string(label) + "-----") != std::string_view::npos;
  };
  if (has("ENCRYPTED PRIVATE KEY") || text.find("Proc-Type: 4,ENCRYPTED") != std::string_view::npos)
    return refuse("is encrypted: decrypt it with `openssl pkey`");
  if (has("CERTIFICATE"))
    return refuse("is a certificate: take its key with `openssl x509 -pubkey -noout`");
  // `openssl ecparam -genkey` writes the name of the curve in front.
  if (count(text, "-----BEGIN ") != (has("EC PARAMETERS") ? 2 : 1))
    return refuse("holds more than one PEM text: put several keys into a JWK Set");
  const bool is_private = has("PRIVATE KEY") || has("RSA PRIVATE KEY") || has("EC PRIVATE KEY");
  if (!is_private && !has("PUBLIC KEY"))
    return refuse("holds neither PRIVATE KEY (PKCS#8), RSA or EC PRIVATE KEY nor PUBLIC KEY");

  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
  if (!bio) return fail(openssl_error("BIO_new_mem_buf"));
  EvpPkeyPtr key(is_private ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)
                            : PEM_read_bio_PUBKEY(bio.get(), nullptr, no_passphrase, nullptr));
  if (!key) return refuse("cannot be read: it is damaged, or its point is not on the curve");
  return checked(std::move(key), is_private);
}

Result<Pkey> Pkey::from_rsa(const RsaNumbers& numbers) {
  if (numbers.n.empty() || numbers.e.empty() || numbers.n[0] == 0 || numbers.e[0] == 0)
    return refuse("n or e is empty or begins with a zero");
  if (numbers.n.size() > kLargestRsaBits / 8) return refuse("n has more than 8192 bits");
  const std::array<std::pair<const char*, Octets>, 8> all = {{
      {OSSL_PKEY_PARAM_RSA_N, numbers.n},
      {OSSL_PKEY_PARAM_RSA_E, numbers.e},
      {OSSL_PKEY_PARAM_RSA_D, numbers.d},
      {OSSL_PKEY_PARAM_RSA_FACTOR1, numbers.p},
      {OSSL_PKEY_PARAM_RSA_FACTOR2, numbers.q},
      {OSSL_PKEY_PARAM_RSA_EXPONENT1, numbers.dp},
      {OSSL_PKEY_PARAM_RSA_EXPONENT2, numbers.dq},
      {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, numbers.qi},
  }};
  Parameters parameters;
  for (const auto& [name, bytes] : all) {
    if (bytes.size() > numbers.n.size()) return refuse("a number is larger than n");
    if (!bytes.empty()) parameters.number(name, bytes);
  }
  EvpPkeyPtr key = parameters.make("RSA", !numbers.d.empty());
  if (!key) return refuse("its numbers are no RSA key");
  return checked(std::move(key), !numbers.d.empty());
}

Result<Pkey> Pkey::from_ec(Curve curve, Octets x, Octets y, Octets d) {
  const CurveRow& row = curve_row(curve);
  if (x.size() != row.octets || y.size() != row.octets || (!d.empty() && d.size() != row.octets))
    return refuse("its coordinates have not " + std::to_string(row.octets) + " bytes each");
  std::vector<uint8_t> point = {4};  // uncompressed (SEC 1 2.3.3)
  point.insert(point.end(), x.begin(), x.end());
  point.insert(point.end(), y.begin(), y.end());
  Parameters parameters;
  parameters.text(OSSL_PKEY_PARAM_GROUP_NAME, row.name);
  parameters.bytes(OSSL_PKEY_PARAM_PUB_KEY, point);
  if (!d.empty()) parameters.number(OSSL_PKEY_PARAM_PRIV_KEY, d);
  EvpPkeyPtr key = parameters.make("EC", !d.empty());
  if (!key) return refuse("its point is not on the curve " + std::string(row.name));
  return checked(std::move(key), !d.empty());
}

Result<Pkey> Pkey::from_okp(Curve curve, Octets x, Octets d) {
  const CurveRow& row = curve_row(curve);
  if (x.size() != row.octets || (!d.empty() && d.size() != row.octets))
    return refuse("x or d has not " + std::to_string(row.octets) + " bytes");
  EvpPkeyPtr key(
      d.empty() ? EVP_PKEY_new_raw_public_key_ex(nullptr, row.name, nullptr, x.data(), x.size())
                : EVP_PKEY_new_raw_private_key_ex(nullptr, row.name, nullptr, d.data(), d.size()));
  if (!key) return refuse("its bytes are no key");
  auto made = checked(std::move(key), !d.empty());
  if (made && !std::ranges::equal(Octets(made->number("x")), x))
    return refuse("its private part does not belong to its public part");
  return made;
}

Result<Pkey> Pkey::generate_rsa(std::size_t bits) {
  EvpPkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits));
  if (!key) return fail(openssl_error("EVP_PKEY_Q_keygen"));
  return checked(std::move(key), /*is_private=*/true);
}

Result<Pkey> Pkey::generate(Curve curve) {
  const CurveRow& row = curve_row(curve);
  EvpPkeyPtr key(row.type == KeyType::Ec ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", row.name)
                                         : EVP_PKEY_Q_keygen(nullptr, nullptr, row.name));
  if (!key) return fail(openssl_error("EVP_PKEY_Q_keygen"));
  return checked(std::move(key), /*is_private=*/true);
}

Result<Pkey> Pkey::checked(EvpPkeyPtr key, bool is_private) {
  const auto kind = kind_of(key.get());
  if (!kind) return refuse("is of a kind or on a curve that tokens do not use");
  Pkey made(std::move(key), kind->type, kind->curve, is_private);
  evp_pkey_st* evp = made.evp();
  if (kind->type == KeyType::Okp) {
    if (!is_edwards_point(kind->curve, made.number("x")))
      return refuse("its point is not on the curve, or is one that anybody can sign for");
    return made;
  }
  if (kind->type == KeyType::Rsa) {
    if (auto weakness = weakness_of_rsa(evp); !weakness.empty()) return refuse(std::move(weakness));
    if (!is_product_of_primes(evp)) return refuse("its modulus n is no product of primes");
  } else {
    int is_explicit = 0;
    EVP_PKEY_get_int_param(evp, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit);
    if (is_explicit != 0) return refuse("describes its curve instead of naming it");
    if (!check(evp, EVP_PKEY_public_check)) return refuse("its point is not on the curve");
  }
  if (!is_private) return made;
  // OpenSSL can compare RSA keys only if it knows the primes.
  const bool has_pair = kind->type == KeyType::Ec || !made.number("p").empty();
  if ((has_pair && !check(evp, EVP_PKEY_pairwise_check)) || !signs_for_itself(evp))
    return refuse("its private part does not belong to its public part");
  return made;
}

std::size_t Pkey::bits() const { return static_cast<std::size_t>(EVP_PKEY_get_bits(key_.get())); }

std::size_t Pkey::signature_size() const {
  if (type_ == KeyType::Rsa) return static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  return 2 * curve_row(curve_).octets;
}

Number Pkey::number(std::string_view name) const {
  const auto* row = std::ranges::find_if(kNumbers, [this, name](const NumberName& number) {
    return number.type == type_ && number.name == name;
  });
  if (row == kNumbers.end() || (name == "d" && !is_private_)) return {};
  if (row->openssl == nullptr) {
    Number out(curve_row(curve_).octets);
    std::size_t size = out.size();
    const int got = name == "x" ? EVP_PKEY_get_raw_public_key(key_.get(), out.data(), &size)
                                : EVP_PKEY_get_raw_private_key(key_.get(), out.data(), &size);
    return got == 1 && size == out.size() ? std::move(out) : Number();
  }
  BIGNUM* read = nullptr;
  if (EVP_PKEY_get_bn_param(key_.get(), row->openssl, &read) != 1) {
    ERR_clear_error();
    return {};
  }
  const BignumPtr value(read);
  const int least = BN_num_bytes(value.get());
  Number out(type_ == KeyType::Rsa ? static_cast<std::size_t>(least) : curve_row(curve_).octets);
  if (BN_bn2binpad(value.get(), out.data(), static_cast<int>(out.size())) < 0) return {};
  return out;
}

}  // namespace tollgate::crypto
