// simplejwt's endpoints as handlers: obtain, refresh, verify.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/tokens/token_service.h"
#include "server/base/clock.h"
#include "server/http/handler.h"

namespace tollgate::auth {

// `service` and `clock` outlive the handlers.
http::Handler obtain_endpoint(tokens::TokenService& service,
                              const Clock& clock);  // hashes a password
http::Handler refresh_endpoint(tokens::TokenService& service, const Clock& clock);  // blocks
http::Handler verify_endpoint(tokens::TokenService& service, const Clock& clock);

}  // namespace tollgate::auth
