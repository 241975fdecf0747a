// A key made ready for one thread: contexts that sign and verify, with nothing left to set up.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <variant>

#include "auth/crypto/hmac.h"
#include "auth/crypto/signature.h"
#include "auth/jwt/key.h"

namespace tollgate::jwt {

// Holds nothing of the Key, which may go.
class KeyContext {
 public:
  static Result<KeyContext> for_verifying(const Key& key) { return create(key, false); }
  static Result<KeyContext> for_signing(const Key& key) { return create(key, true); }

  std::size_t signature_size() const {
    return std::visit([](const auto& context) { return context.size(); }, context_);
  }
  [[nodiscard]] bool verify(crypto::Octets message, crypto::Octets signature) {
    return std::visit([&](auto& context) { return context.verify(message, signature); }, context_);
  }
  [[nodiscard]] bool sign(crypto::Octets message, std::span<uint8_t> out) {
    return std::visit([&](auto& context) { return context.sign(message, out); }, context_);
  }

 private:
  using Context = std::variant<crypto::Hmac, crypto::Signature>;
  explicit KeyContext(Context context) : context_(std::move(context)) {}

  static Result<KeyContext> create(const Key& key, bool signing) {
    if (key.is_symmetric()) {
      TOLLGATE_TRY(hmac, key.hmac());
      return KeyContext(std::move(hmac));
    }
    TOLLGATE_TRY(signature, signing ? key.signing() : key.verifying());
    return KeyContext(std::move(signature));
  }

  Context context_;
};

}  // namespace tollgate::jwt
