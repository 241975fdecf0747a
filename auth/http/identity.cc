// SPDX-License-Identifier: Apache-2.0
#include "auth/http/identity.h"

namespace tollgate::auth {

void fill_identity(const users::User& user, http::Exchange& exchange) {
  http::Identity& identity = exchange.request.identity;
  identity.authenticated = true;
  identity.id = user.id;
  identity.name = exchange.arena.copy(user.username);
  identity.is_staff = user.is_staff;
  identity.is_superuser = user.is_superuser;
}

void fill_from_claims(const jwt::Claims& claims, http::Exchange& exchange) {
  http::Identity& identity = exchange.request.identity;
  identity.authenticated = true;
  identity.id = claims.user_id.value.value_or(0);
  identity.name = exchange.arena.copy(claims.username.value.value_or(""));
  identity.is_staff = claims.is_staff;
  identity.is_superuser = claims.is_superuser;
}

}  // namespace tollgate::auth
