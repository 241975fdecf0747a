// SPDX-License-Identifier: Apache-2.0
#include "auth/crypto/signature.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <memory>
#include <optional>

namespace tollgate::crypto {
namespace {

constexpr std::size_t kMaxHalf = 66;                         // P-521
constexpr std::size_t kMaxDer = 3 + 2 * (2 + 1 + kMaxHalf);  // SEQUENCE of two INTEGERs

const char* name_of(Digest digest) {
  return digest == Digest::Sha256 ? "SHA256" : digest == Digest::Sha384 ? "SHA384" : "SHA512";
}

bool fits(KeyType type, Scheme scheme) {
  if (scheme == Scheme::Ecdsa) return type == KeyType::Ec;
  if (scheme == Scheme::Eddsa) return type == KeyType::Okp;
  return type == KeyType::Rsa;
}

std::vector<uint8_t> from_hex(std::string_view digits) {
  const auto value = [](char c) { return static_cast<uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); };
  std::vector<uint8_t> out(digits.size() / 2);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<uint8_t>(value(digits[2 * i]) << 4 | value(digits[2 * i + 1]));
  return out;
}

// 1 <= number < order. Both have the same length, most significant byte first; neither is secret.
bool in_range(Octets number, Octets order) {
  return std::ranges::any_of(number, [](uint8_t byte) { return byte != 0; }) &&
         std::ranges::lexicographical_compare(number, order);
}

// r || s to DER, which OpenSSL takes: minimal, without an allocation.
std::size_t to_der(Octets halves, std::span<uint8_t, kMaxDer> out) {
  std::array<uint8_t, kMaxDer> body{};
  std::size_t size = 0;
  for (Octets half : {halves.first(halves.size() / 2), halves.last(halves.size() / 2)}) {
    while (half.size() > 1 && half[0] == 0) half = half.subspan(1);
    const std::size_t sign = half[0] >> 7;  // a set bit would make it negative
    body[size++] = 0x02;
    body[size++] = static_cast<uint8_t>(half.size() + sign);
    if (sign != 0) body[size++] = 0;
    size =
        static_cast<std::size_t>(std::ranges::copy(half, body.begin() + size).out - body.begin());
  }
  std::size_t at = 0;
  out[at++] = 0x30;
  if (size > 127) out[at++] = 0x81;
  out[at++] = static_cast<uint8_t>(size);
  std::ranges::copy(Octets(body).first(size), out.subspan(at).begin());
  return at + size;
}

bool from_der(Octets der, std::span<uint8_t> halves) {
  const uint8_t* at = der.data();
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), &ECDSA_SIG_free);
  const auto half = static_cast<int>(halves.size() / 2);
  return signature &&
         BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), halves.data(), half) == half &&
         BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), halves.data() + half, half) == half;
}

bool set_up(EVP_PKEY_CTX* context, const evp_md_st* digest, Scheme scheme, bool signing) {
  if (context == nullptr) return false;
  if ((signing ? EVP_PKEY_sign_init(context) : EVP_PKEY_verify_init(context)) != 1) return false;
  if (scheme == Scheme::RsaPss)
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(context, digest) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
  if (scheme == Scheme::RsaPkcs1 && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) != 1)
    return false;
  return EVP_PKEY_CTX_set_signature_md(context, digest) == 1;
}

}  // namespace

Result<Signature> Signature::for_verifying(const Pkey& key, Scheme scheme, Digest digest) {
  return create(key, scheme, digest, false);
}

Result<Signature> Signature::for_signing(const Pkey& key, Scheme scheme, Digest digest) {
  if (!key.is_private()) return fail(Errc::InvalidArgument, "a public key cannot sign");
  return create(key, scheme, digest, true);
}

Result<Signature> Signature::create(const Pkey& key, Scheme scheme, Digest digest, bool signing) {
  if (!fits(key.type(), scheme))
    return fail(Errc::InvalidArgument, "the algorithm is not one of this type of key");
  Signature made;
  made.scheme_ = scheme;
  made.size_ = key.signature_size();
  made.digest_size_ = digest_size(digest);
  made.start_.reset(EVP_MD_CTX_new());
  made.scratch_.reset(EVP_MD_CTX_new());
  if (!made.start_ || !made.scratch_) return fail(openssl_error("EVP_MD_CTX_new"));
  if (scheme == Scheme::Eddsa) {
    auto* const start = signing ? EVP_DigestSignInit_ex : EVP_DigestVerifyInit_ex;
    if (start(made.start_.get(), nullptr, nullptr, nullptr, nullptr, key.evp(), nullptr) != 1)
      return fail(openssl_error("EVP_DigestVerifyInit_ex"));
    return made;
  }
  if (scheme == Scheme::Ecdsa) made.order_ = from_hex(curve_row(key.curve()).order);
  const EvpMdPtr md(EVP_MD_fetch(nullptr, name_of(digest), nullptr));
  if (!md || EVP_DigestInit_ex2(made.start_.get(), md.get(), nullptr) != 1)
    return fail(openssl_error("EVP_DigestInit_ex2"));
  made.context_.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, key.evp(), nullptr));
  if (!set_up(made.context_.get(), md.get(), scheme, signing))
    return fail(openssl_error("EVP_PKEY_verify_init"));
  return made;
}

bool Signature::digest_of(Octets message, std::span<uint8_t> out) {
  return EVP_MD_CTX_copy_ex(scratch_.get(), start_.get()) == 1 &&
         EVP_DigestUpdate(scratch_.get(), message.data(), message.size()) == 1 &&
         EVP_DigestFinal_ex(scratch_.get(), out.data(), nullptr) == 1;
}

bool Signature::verify(Octets message, Octets signature) {
  if (signature.size() != size_) return false;
  if (scheme_ == Scheme::Eddsa) {
    const bool good = EVP_MD_CTX_copy_ex(scratch_.get(), start_.get()) == 1 &&
                      EVP_DigestVerify(scratch_.get(), signature.data(), signature.size(),
                                       message.data(), message.size()) == 1;
    if (!good) ERR_clear_error();
    return good;
  }
  std::array<uint8_t, kMaxDigestSize> digest{};
  std::array<uint8_t, kMaxDer> der{};
  if (!digest_of(message, digest)) return false;
  if (scheme_ == Scheme::Ecdsa) {
    // Checked here, too: CVE-2022-21449 was a library that did not.
    const std::size_t half = size_ / 2;
    if (!in_range(signature.first(half), order_) || !in_range(signature.last(half), order_))
      return false;
    signature = Octets(der).first(to_der(signature, der));
  }
  const bool good = EVP_PKEY_verify(context_.get(), signature.data(), signature.size(),
                                    digest.data(), digest_size_) == 1;
  if (!good) ERR_clear_error();
  return good;
}

bool Signature::sign(Octets message, std::span<uint8_t> out) {
  assert(out.size() >= size_);
  if (scheme_ == Scheme::Eddsa) {
    std::size_t size = out.size();
    return EVP_MD_CTX_copy_ex(scratch_.get(), start_.get()) == 1 &&
           EVP_DigestSign(scratch_.get(), out.data(), &size, message.data(), message.size()) == 1 &&
           size == size_;
  }
  std::array<uint8_t, kMaxDigestSize> digest{};
  if (!digest_of(message, digest)) return false;
  std::array<uint8_t, kMaxDer> der{};
  const std::span<uint8_t> made = scheme_ == Scheme::Ecdsa ? std::span<uint8_t>(der) : out;
  std::size_t size = made.size();
  if (EVP_PKEY_sign(context_.get(), made.data(), &size, digest.data(), digest_size_) != 1)
    return false;
  if (scheme_ == Scheme::Ecdsa) return from_der(Octets(der).first(size), out.first(size_));
  return size == size_;
}

}  // namespace tollgate::crypto
