// Owning pointers to OpenSSL's objects, and its error queue as an Error.
//
// Declares the types that it needs, so that OpenSSL's headers stay in .cc files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "server/base/error.h"

// OpenSSL's own spelling of EVP_MD and EVP_MD_CTX.
struct evp_md_st;
struct evp_md_ctx_st;

namespace tollgate::crypto {

struct OpensslDelete {
  void operator()(evp_md_st* digest) const;
  void operator()(evp_md_ctx_st* context) const;
};
using EvpMdPtr = std::unique_ptr<evp_md_st, OpensslDelete>;
using EvpMdCtxPtr = std::unique_ptr<evp_md_ctx_st, OpensslDelete>;

// "RAND_bytes: error:…" (Internal). Empties this thread's error queue.
Error openssl_error(std::string_view call);

}  // namespace tollgate::crypto
