// Obtaining, refreshing, verifying and blacklisting tokens, as simplejwt does; no HTTP here.
//
// Threads: every function may be called on any thread. The signer and the verifier each have a
// mutex, which is never held during a look-up or a hash: the loop, which verifies, does not wait
// for the milliseconds that RSA takes to sign on a pool.
//
//   authenticate(), and obtain() behind it   read the user store and burn a password hash, and
//                     write to the database: the password pool
//   refresh(), blacklist()   read and write the database: the blocking pool
//   verify()          reads the database if verify_blocks(); else the loop may call it
//
// The gate does not come here: it has a jwt::Verifier of its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "auth/crypto/password_hash.h"
#include "auth/jwt/key_ring.h"
#include "auth/jwt/policy.h"
#include "auth/jwt/signer.h"
#include "auth/jwt/verifier.h"
#include "auth/tokens/blacklist.h"
#include "auth/tokens/claims_hook.h"
#include "auth/tokens/token_settings.h"
#include "auth/users/user_store.h"
#include "server/base/clock.h"
#include "server/base/result.h"

namespace tollgate::tokens {

// Why there is no token, and what simplejwt's client reads about it.
struct Rejection {
  enum class Reason : uint8_t {
    TokenNotValid,    // 401 {"detail":message,"code":"token_not_valid"}
    NoActiveAccount,  // 401 {"detail":message}: there is none, or its password was changed
    Blacklisted,      // 400 {"non_field_errors":[message]}: verify's own answer
    Failed,           // the store or OpenSSL: error.code says which status; message is for the log
  } reason;
  Error error;  // code Unauthenticated for the first three
};
template <class T>
using Outcome = tl::expected<T, Rejection>;

struct TokenPair {
  std::string refresh;
  std::string access;
};

struct Refreshed {
  std::string access;
  std::optional<std::string> refresh;  // with rotation
};

class TokenService {
 public:
  // `store` and `blacklist` must outlive the service; without a blacklist (nullptr) tokens are not
  // recorded, and none is blacklisted. Errors: Internal (OpenSSL).
  static Result<std::unique_ptr<TokenService>> create(
      std::shared_ptr<const jwt::KeyRing> ring, const TokenSettings& settings,
      users::UserStore& store, Blacklist* blacklist = nullptr,
      crypto::PasswordHasher hasher = crypto::PasswordHasher());

  // From now on with these keys. Any thread. Errors: Internal (OpenSSL); then it may sign as it did
  // and verify with the new ones: have the process replaced.
  Status use(const std::shared_ptr<const jwt::KeyRing>& ring);

  // "No active account found with the given credentials" for an unknown name, a
  // wrong password and an inactive user, after the same time.
  Outcome<users::User> authenticate(std::string_view username, std::string_view password);

  // Both expire relative to `now`. An inactive user gets none.
  Outcome<TokenPair> obtain(const users::User& user, WallTime now);
  Outcome<std::string> obtain_sliding(const users::User& user, WallTime now);

  // A new access token from a refresh token, with the latter's custom claims. A
  // token of an unknown or inactive user is refused; one without user_id is not, as
  // in simplejwt (the gate takes no such access token). With blacklist_after_rotation, of all
  // that refresh one token at once, one gets tokens.
  Outcome<Refreshed> refresh(std::string_view refresh_token, WallTime now);

  // The same token with a later exp.
  Outcome<std::string> refresh_sliding(std::string_view sliding_token, WallTime now);

  // Of several that blacklist one token at once, one succeeds.
  Outcome<void> blacklist(std::string_view refresh_token, WallTime now);

  // Any type of token, and no look at the user. The blacklist is looked at with
  // blacklist_after_rotation only, as in simplejwt.
  Outcome<void> verify(std::string_view token, WallTime now);
  bool verify_blocks() const;

  // What is asked for claims from now on. Before the first token is made; the hook's errors are
  // those of obtain() and refresh().
  void set_claims_hook(ClaimsHook hook) { claims_hook_ = std::move(hook); }

  bool has_blacklist() const { return blacklist_ != nullptr; }

 private:
  TokenService(jwt::Signer signer, jwt::Verifier verifier, const TokenSettings& settings,
               users::UserStore& store, Blacklist* blacklist, crypto::PasswordHasher hasher);

  struct Received;
  struct Minted;
  Outcome<Received> read(std::string_view token, const jwt::Policy& policy, WallTime now);
  Outcome<Received> read_unused(std::string_view token, jwt::TokenType type, WallTime now);
  Outcome<void> check_account(Received& token, WallTime now);
  Outcome<std::string> add_claims(std::string members, const users::User& user,
                                  std::string_view previous);
  Outcome<Refreshed> rotate(const Received& token, WallTime now);
  Outcome<Minted> mint(jwt::TokenType type, WallTime now, std::string_view rest);
  Outcome<std::string> sign(const jwt::NewToken& token);
  Outcome<void> note_login(const users::User& user, const IssuedToken& token, WallTime now);

  const TokenSettings settings_;
  users::UserStore& store_;
  Blacklist* const blacklist_;  // nullptr: none
  const crypto::PasswordHasher hasher_;
  ClaimsHook claims_hook_;  // may be empty
  std::mutex signing_;
  jwt::Signer signer_;  // guarded by signing_
  std::mutex verifying_;
  jwt::Verifier verifier_;  // guarded by verifying_
};

}  // namespace tollgate::tokens
