// What fills the identity of a request, and reads the claims in it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "auth/jwt/claims.h"
#include "auth/users/user.h"
#include "server/http/exchange.h"

namespace tollgate::auth {

// The caller is this user.
void fill_identity(const users::User& user, http::Exchange& exchange);

// The caller is user `id`, and else what identity.claims says, as simplejwt's TokenUser: username,
// is_staff, is_superuser. What is not there, or of another type, is "" and false.
void fill_from_claims(const jwt::Claims& claims, http::Exchange& exchange);

}  // namespace tollgate::auth
