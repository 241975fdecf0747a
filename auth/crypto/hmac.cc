// SPDX-License-Identifier: Apache-2.0
#include "auth/crypto/hmac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "auth/crypto/secure.h"

namespace tollgate::crypto {
namespace {

constexpr std::size_t kMaxBlock = 128;

struct DigestRow {
  Digest digest;
  const char* name;  // OpenSSL's
  std::size_t block;
};
constexpr std::array kDigests = {
    DigestRow{Digest::Sha256, "SHA256", 64},
    DigestRow{Digest::Sha384, "SHA384", 128},
    DigestRow{Digest::Sha512, "SHA512", 128},
};

// A context that has digested the key, each byte combined with `pad`.
Result<EvpMdCtxPtr> keyed(const evp_md_st* digest, Octets block_key, uint8_t pad) {
  std::array<uint8_t, kMaxBlock> block{};
  std::ranges::transform(block_key, block.begin(),
                         [pad](uint8_t byte) { return static_cast<uint8_t>(byte ^ pad); });
  EvpMdCtxPtr context(EVP_MD_CTX_new());
  const bool done = context && EVP_DigestInit_ex2(context.get(), digest, nullptr) == 1 &&
                    EVP_DigestUpdate(context.get(), block.data(), block_key.size()) == 1;
  OPENSSL_cleanse(block.data(), block.size());
  if (!done) return fail(openssl_error("EVP_DigestInit_ex2"));
  return context;
}

Result<EvpMdCtxPtr> copy(const EvpMdCtxPtr& from) {
  EvpMdCtxPtr context(EVP_MD_CTX_new());
  if (!context || EVP_MD_CTX_copy_ex(context.get(), from.get()) != 1)
    return fail(openssl_error("EVP_MD_CTX_copy_ex"));
  return context;
}

// One half of an HMAC: what `start` has digested, then `data`.
bool finish(evp_md_ctx_st* scratch, const evp_md_ctx_st* start, Octets data, uint8_t* out) {
  return EVP_MD_CTX_copy_ex(scratch, start) == 1 &&
         EVP_DigestUpdate(scratch, data.data(), data.size()) == 1 &&
         EVP_DigestFinal_ex(scratch, out, nullptr) == 1;
}

}  // namespace

Result<Hmac> Hmac::create(Digest digest, Octets key) {
  const auto& row = *std::ranges::find(kDigests, digest, &DigestRow::digest);
  const EvpMdPtr md(EVP_MD_fetch(nullptr, row.name, nullptr));
  if (!md) return fail(openssl_error("EVP_MD_fetch"));

  std::array<uint8_t, kMaxBlock>
      block{};  // the key, hashed if it is longer than a block, then zeros
  if (key.size() <= row.block)
    std::ranges::copy(key, block.begin());
  else if (EVP_Digest(key.data(), key.size(), block.data(), nullptr, md.get(), nullptr) != 1)
    return fail(openssl_error("EVP_Digest"));

  const Octets block_key(block.data(), row.block);
  auto inner = keyed(md.get(), block_key, 0x36);
  auto outer = keyed(md.get(), block_key, 0x5C);
  OPENSSL_cleanse(block.data(), block.size());
  if (!inner) return fail(std::move(inner).error());
  if (!outer) return fail(std::move(outer).error());
  TOLLGATE_TRY(scratch, copy(*inner));
  return Hmac(std::move(*inner), std::move(*outer), std::move(scratch), digest_size(digest));
}

Hmac::Hmac(EvpMdCtxPtr inner, EvpMdCtxPtr outer, EvpMdCtxPtr scratch, std::size_t size)
    : inner_(std::move(inner)),
      outer_(std::move(outer)),
      scratch_(std::move(scratch)),
      size_(size) {}

Result<Hmac> Hmac::clone() const {
  TOLLGATE_TRY(inner, copy(inner_));
  TOLLGATE_TRY(outer, copy(outer_));
  TOLLGATE_TRY(scratch, copy(inner_));
  return Hmac(std::move(inner), std::move(outer), std::move(scratch), size_);
}

bool Hmac::sign(Octets message, std::span<uint8_t> out) {
  assert(out.size() >= size_);
  return finish(scratch_.get(), inner_.get(), message, out.data()) &&
         finish(scratch_.get(), outer_.get(), out.first(size_), out.data());
}

bool Hmac::verify(Octets message, Octets mac) {
  std::array<uint8_t, kMaxDigestSize> ours{};
  return sign(message, ours) && equal_in_constant_time(Octets(ours).first(size_), mac);
}

}  // namespace tollgate::crypto
