// How callers show who they are: authenticators as values, of which a route or an application has
// a list.
//
//   app.authenticate_with({bearer(), basic()});
//
// They are asked in that order. One finds nothing that is meant for it (then the next is asked), or
// knows the caller, or refuses what it found, which ends the request with 401; the challenge
// (WWW-Authenticate) is that of the first of the list, whoever refused. Without any, nobody is
// known, and whoever has to be is answered 403, as in DRF.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/base/export.h"
#include "server/base/units.h"

namespace tollgate::auth {

// simplejwt's AUTH_TOKEN_CLASSES.
enum class TokenClasses : uint8_t { Access, AccessAndSliding };

// Somebody else who signs tokens: an identity provider, another service.
struct Issuer {
  std::string key_file;  // a public key in PEM, or a JWK Set of them, or a secret for HS*. The
                         // worker reads it, when it starts.
  std::string algorithm = "RS256";  // of a key that does not say so itself
  std::string issuer = {};          // iss of its tokens; empty: not looked at
  std::string audience = {};        // one of their aud must be this; empty: they must have no aud,
                                    // since what has one is for somebody else (RFC 7519 4.1.3)
  milliseconds leeway = 0ms;        // clocks may differ by this much
  bool require_at_jwt = false;      // only type at+jwt (RFC 9068): so no ID token passes
};

struct Authenticator {
  enum class Kind : uint8_t { Bearer, Cookie, Stateless, Issuer, Basic };

  Kind kind = Kind::Bearer;
  TokenClasses tokens = TokenClasses::Access;       // all but Basic
  std::string cookie_name = {};                     // Cookie
  std::shared_ptr<const auth::Issuer> issuer = {};  // Issuer
};
using Authenticators = std::vector<Authenticator>;

// Authorization: Bearer TOKEN (RFC 6750 2.1). The user is looked up: whoever is gone or not active
// is refused.
TOLLGATE_API Authenticator bearer(TokenClasses tokens = TokenClasses::Access);

// The same, without a look at the user, and so without the setting database: all of the identity is
// what the token claims (username, is_staff, is_superuser). A token of a user who is gone holds
// until it expires.
TOLLGATE_API Authenticator stateless(TokenClasses tokens = TokenClasses::Access);

// Authorization: Bearer TOKEN of another issuer, as RFC 7519 has them: exp and sub must be there,
// and iss and aud be right; simplejwt's token_type, jti and user_id need not. Who calls is
// identity().subject, and the rest is in identity().claims; the user table is not asked. Make one
// value for all routes that take them: each call reads the key file for itself. Whether the start
// fails for a bad key file: it does.
TOLLGATE_API Authenticator tokens_of(Issuer issuer);

// A token from a cookie, which browsers send by themselves. So a method that may change something
// (not GET, HEAD, OPTIONS) must come from a page of this origin: Sec-Fetch-Site says so, or, in a
// browser that does not send it, Origin is scheme and Host of this request. Else it is 403 "CSRF
// Failed: …", also for clients that send neither. Behind a proxy: forwarded_allow_ips.
TOLLGATE_API Authenticator cookie(std::string name = "access_token",
                                  TokenClasses tokens = TokenClasses::Access);

// Name and password (RFC 7617), by the user table. Each request costs a password hash, on the pool
// of those; so use it where few ask.
TOLLGATE_API Authenticator basic();

}  // namespace tollgate::auth
