// Obtaining, refreshing and verifying tokens, as simplejwt does; no HTTP here.
//
// Threads: every function may be called on any thread. Keys are behind a mutex that
// is held for microseconds, and never during a look-up or a hash.
//
//   verify()        never blocks: the loop may call it
//   obtain()        never blocks: called where authenticate() was
//   refresh()       reads the user store: the blocking pool
//   authenticate()  reads the user store and burns a password hash: the password pool
//
// The gate does not come here: it has a jwt::Verifier of its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "auth/crypto/password_hash.h"
#include "auth/jwt/key_ring.h"
#include "auth/jwt/policy.h"
#include "auth/jwt/signer.h"
#include "auth/jwt/verifier.h"
#include "auth/users/user_store.h"
#include "server/base/clock.h"
#include "server/base/result.h"
#include "server/config/config.h"

namespace tollgate::tokens {

struct TokenSettings {
  milliseconds access_lifetime = 5min;
  milliseconds refresh_lifetime = 24h;
  milliseconds leeway = 0s;
  UserIdType user_id_type = UserIdType::String;
};
TokenSettings token_settings(const Config& config);

// Why there is no token, and what simplejwt's client reads about it.
struct Rejection {
  enum class Reason : uint8_t {
    TokenNotValid,    // 401 {"detail":message,"code":"token_not_valid"}
    NoActiveAccount,  // 401 {"detail":message}
    Failed,           // the store or OpenSSL: error.code says which status; message is for the log
  } reason;
  Error error;  // code Unauthenticated for the first two
};
template <class T>
using Outcome = tl::expected<T, Rejection>;

struct TokenPair {
  std::string refresh;
  std::string access;
};

class TokenService {
 public:
  // `store` must outlive the service. Errors: Internal (OpenSSL).
  static Result<std::unique_ptr<TokenService>> create(
      std::shared_ptr<const jwt::KeyRing> ring, const TokenSettings& settings,
      users::UserStore& store, crypto::PasswordHasher hasher = crypto::PasswordHasher());

  // "No active account found with the given credentials" for an unknown name, a
  // wrong password and an inactive user, after the same time.
  Outcome<users::User> authenticate(std::string_view username, std::string_view password);

  // Both expire relative to `now`. An inactive user gets none.
  Outcome<TokenPair> obtain(const users::User& user, WallTime now);

  // A new access token from a refresh token, with the latter's custom claims. A
  // token of an unknown or inactive user is refused; one without user_id is not, as
  // in simplejwt (the gate takes no such access token).
  Outcome<std::string> refresh(std::string_view refresh_token, WallTime now);

  // Any type of token, and no look at the user.
  Outcome<void> verify(std::string_view token, WallTime now);

 private:
  TokenService(jwt::Signer signer, jwt::Verifier verifier, const TokenSettings& settings,
               users::UserStore& store, crypto::PasswordHasher hasher);

  struct RefreshClaims;
  Outcome<RefreshClaims> read_refresh_token(std::string_view token, WallTime now);
  Outcome<std::string> mint(jwt::TokenType type, WallTime now, std::string_view rest);

  const TokenSettings settings_;
  users::UserStore& store_;
  const crypto::PasswordHasher hasher_;
  std::mutex mutex_;  // guards both below
  jwt::Signer signer_;
  jwt::Verifier verifier_;
};

}  // namespace tollgate::tokens
