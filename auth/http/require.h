// The gate step of a protected route: who asks, and may they.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/http/bearer_authenticator.h"
#include "auth/http/permission.h"
#include "server/http/handler.h"

namespace tollgate::auth {

// 401 to those who are not known, 403 to those who are and may not. A token
// that is sent must be valid, even where anyone may. `authenticator` outlives the step.
http::GateStep require(BearerAuthenticator& authenticator, Permission permission);

}  // namespace tollgate::auth
