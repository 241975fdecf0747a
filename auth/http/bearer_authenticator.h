// Authorization: Bearer TOKEN to an Identity (RFC 6750 2.1), as simplejwt's
// JWTAuthentication does it (reference/auth.md A4), but for the scheme, which
// any case may write (RFC 9110 11.1).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "auth/http/user_cache.h"
#include "auth/jwt/verifier.h"
#include "auth/tokens/token_settings.h"
#include "server/http/handler.h"

namespace tollgate::auth {

// The words of an Authorization field. Pure.
struct Credentials {
  enum class Kind : uint8_t { None, Bearer, Malformed } kind;
  std::string_view token = {};
};
Credentials parse_authorization(std::span<const http::FieldView> fields);

class BearerAuthenticator {
 public:
  // `store` is used by look-ups, on their thread; it and `cache` and `clock` outlive this.
  BearerAuthenticator(jwt::Verifier verifier, tokens::TokenSettings settings, UserCache& cache,
                      users::UserStore& store, const Clock& clock);

  // Pass: the identity is filled, or there were no credentials and it is empty.
  // Pending: the user has to be looked up. On the loop.
  http::Verdict authenticate(http::Exchange& exchange);

 private:
  http::Verdict look_up(http::Exchange& exchange, int64_t id, uint64_t epoch,
                        const std::string& fingerprint);
  http::Verdict admit(const users::User& user, std::string_view fingerprint,
                      http::Exchange& exchange) const;

  jwt::Verifier verifier_;
  const tokens::TokenSettings settings_;
  const jwt::Policy policy_;
  UserCache& cache_;
  users::UserStore& store_;
  const Clock& clock_;
};

}  // namespace tollgate::auth
