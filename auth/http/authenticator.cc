// SPDX-License-Identifier: Apache-2.0
#include "auth/http/authenticator.h"

#include <utility>

namespace tollgate::auth {

using Kind = Authenticator::Kind;

Authenticator bearer(TokenClasses tokens) { return {.kind = Kind::Bearer, .tokens = tokens}; }

Authenticator stateless(TokenClasses tokens) { return {.kind = Kind::Stateless, .tokens = tokens}; }

Authenticator tokens_of(Issuer issuer) {
  return {.kind = Kind::Issuer, .issuer = std::make_shared<const Issuer>(std::move(issuer))};
}

Authenticator cookie(std::string name, TokenClasses tokens) {
  return {.kind = Kind::Cookie, .tokens = tokens, .cookie_name = std::move(name)};
}

Authenticator basic() { return {.kind = Kind::Basic}; }

}  // namespace tollgate::auth
