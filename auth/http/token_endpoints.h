// simplejwt's endpoints as handlers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/tokens/token_service.h"
#include "server/base/clock.h"
#include "server/http/handler.h"

namespace tollgate::auth {

// `service` and `clock` outlive the handlers. The first two hash a password; all but verify
// block, and verify does if TokenService::verify_blocks().
http::Handler obtain_endpoint(tokens::TokenService& service, const Clock& clock);
http::Handler sliding_obtain_endpoint(tokens::TokenService& service, const Clock& clock);
http::Handler refresh_endpoint(tokens::TokenService& service, const Clock& clock);
http::Handler sliding_refresh_endpoint(tokens::TokenService& service, const Clock& clock);
http::Handler blacklist_endpoint(tokens::TokenService& service, const Clock& clock);
http::Handler verify_endpoint(tokens::TokenService& service, const Clock& clock);

}  // namespace tollgate::auth
