// Owning pointers to OpenSSL's objects, and its error queue as an Error.
//
// Declares the types that it needs, so that OpenSSL's headers stay in .cc files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "server/base/error.h"

// OpenSSL's own spelling of EVP_MD, EVP_MD_CTX, EVP_PKEY, EVP_PKEY_CTX and BIGNUM.
struct evp_md_st;
struct evp_md_ctx_st;
struct evp_pkey_st;
struct evp_pkey_ctx_st;
struct bignum_st;

namespace tollgate::crypto {

struct OpensslDelete {
  void operator()(evp_md_st* digest) const;
  void operator()(evp_md_ctx_st* context) const;
  void operator()(evp_pkey_st* key) const;
  void operator()(evp_pkey_ctx_st* context) const;
  void operator()(bignum_st* number) const;  // wiped: it may be secret
};
using EvpMdPtr = std::unique_ptr<evp_md_st, OpensslDelete>;
using EvpMdCtxPtr = std::unique_ptr<evp_md_ctx_st, OpensslDelete>;
using EvpPkeyPtr = std::unique_ptr<evp_pkey_st, OpensslDelete>;
using EvpPkeyCtxPtr = std::unique_ptr<evp_pkey_ctx_st, OpensslDelete>;
using BignumPtr = std::unique_ptr<bignum_st, OpensslDelete>;

// "RAND_bytes: error:…" (Internal). Empties this thread's error queue.
Error openssl_error(std::string_view call);

}  // namespace tollgate::crypto
