// SPDX-License-Identifier: Apache-2.0
#include "auth/crypto/openssl.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <array>
#include <string>

namespace tollgate::crypto {

void OpensslDelete::operator()(evp_md_st* digest) const { EVP_MD_free(digest); }
void OpensslDelete::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }
void OpensslDelete::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }
void OpensslDelete::operator()(evp_pkey_ctx_st* context) const { EVP_PKEY_CTX_free(context); }
void OpensslDelete::operator()(bignum_st* number) const { BN_clear_free(number); }

Error openssl_error(std::string_view call) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
  ERR_clear_error();
  return Error{Errc::Internal, std::string(call) + ": " + text.data()};
}

}  // namespace tollgate::crypto
