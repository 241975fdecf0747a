// The bodies of DRF and simplejwt, letter by letter (reference/auth.md A3, A4).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "auth/http/permission.h"
#include "auth/jwt/policy.h"
#include "auth/tokens/token_settings.h"
#include "server/http/response.h"

namespace tollgate::auth {

// 401, each with WWW-Authenticate: Bearer realm="api".
http::Response not_authenticated();         // no credentials, and they are needed
http::Response bad_authorization_header();  // not two words
// At a protected route; one message for each type of token that the policy takes.
http::Response token_not_valid(jwt::Refusal refusal, const jwt::Policy& policy = {},
                               Compat compat = Compat::Newest);
http::Response user_not_found();
http::Response user_inactive();
http::Response password_changed();
http::Response unauthorized(std::string_view detail);  // no code
http::Response unauthorized(std::string_view detail, std::string_view code);

// 403: known, but not allowed.
http::Response permission_denied(const Denial& denial = {});

}  // namespace tollgate::auth
