// Authorization: Bearer TOKEN, or a token from a cookie, to an Identity (RFC 6750 2.1), as
// simplejwt's JWTAuthentication and JWTStatelessUserAuthentication do it (reference/auth.md A4),
// but for the scheme, which any case may write (RFC 9110 11.1). SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "auth/http/authenticator.h"
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

// Where a token is looked for, and what it must be. Made once for each authenticator of a route.
struct TokenRules {
  Authenticator from;
  jwt::Policy policy;
};

class BearerAuthenticator {
 public:
  // `store` is used by look-ups, on their thread; it and `cache` and `clock` outlive this. Without
  // them (nullptr) it serves stateless authenticators only.
  // `tell_errors`: see the setting www_authenticate_error.
  BearerAuthenticator(jwt::Verifier verifier, tokens::TokenSettings settings, UserCache* cache,
                      users::UserStore* store, const Clock& clock, bool tell_errors);

  // From now on with these keys. On the loop. On an error the old ones stay.
  Status use(std::shared_ptr<const jwt::KeyRing> ring) { return verifier_.use(std::move(ring)); }

  // `authenticator` is any but Basic.
  TokenRules rules(const Authenticator& authenticator) const;

  // Pass: the identity is filled, or there were no credentials and it is empty.
  // Pending: the user has to be looked up. On the loop.
  http::Verdict authenticate(const TokenRules& rules, http::Exchange& exchange);

 private:
  http::Verdict check(const TokenRules& rules, std::string_view token, http::Exchange& exchange);
  http::Verdict find_user(const jwt::Claims& claims, http::Exchange& exchange);
  http::Verdict look_up(http::Exchange& exchange, int64_t id, uint64_t epoch,
                        const std::string& fingerprint);
  http::Verdict admit(const users::User& user, std::string_view fingerprint,
                      http::Exchange& exchange) const;
  http::Response refused(http::Response answer, std::string_view error,
                         std::string_view description) const;

  jwt::Verifier verifier_;
  const tokens::TokenSettings settings_;
  UserCache* const cache_;
  users::UserStore* const store_;
  const Clock& clock_;
  const bool tell_errors_;
};

}  // namespace tollgate::auth
