// Everything of authentication that one worker has, made once from the
// settings: the key, the user store, the gate, the token endpoints.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "auth/http/authenticator.h"
#include "auth/http/claims.h"
#include "auth/http/permission.h"
#include "auth/jwt/key_ring.h"
#include "server/base/clock.h"
#include "server/config/config.h"
#include "server/http/handler.h"

namespace tollgate::auth {

class Authentication {
 public:
  // `config` and `clock` outlive it. Without the setting database it knows no users, without a key
  // only the tokens of other issuers. Errors: those of the key and of the store.
  static Result<std::unique_ptr<Authentication>> create(const Config& config, const Clock& clock);
  Authentication(const Authentication&) = delete;
  Authentication& operator=(const Authentication&) = delete;
  ~Authentication();

  // A gate step: who asks, and may they. Valid as long as this object.
  // Errors: those of needs_users(), if one of them does, and of an issuer's key. Blocks on files.
  Result<http::GateStep> require(const Authenticators& authenticators, Permission permission,
                                 bool lenient = false);

  // What the endpoints and all authenticators but stateless ones have to ask for first.
  // Errors: Unavailable (no key, or database, is set: the message says what to do).
  Status needs_users() const;

  // From now on with these keys, instead of those of the settings. On the loop. Errors: Internal
  // (OpenSSL); then the process is to be replaced.
  Status use(const std::shared_ptr<const jwt::KeyRing>& ring);

  // What tokens say besides, from now on.
  void set_claims_hook(tokens::ClaimsHook hook);

  // simplejwt's endpoints, see token_endpoints.h. Valid as long as this object.
  http::Handler obtain();
  http::Handler refresh();
  http::Handler verify();
  http::Handler blacklist();
  http::Handler sliding_obtain();
  http::Handler sliding_refresh();
  // The public keys, see jwks.h.
  http::Handler jwks();
  bool has_public_keys() const;
  bool has_blacklist() const;
  bool verify_blocks() const;

 private:
  struct Parts;
  explicit Authentication(std::unique_ptr<Parts> parts);
  Status needs_keys() const;
  Status needs(const Authenticator& authenticator) const;

  std::unique_ptr<Parts> parts_;
};

}  // namespace tollgate::auth
