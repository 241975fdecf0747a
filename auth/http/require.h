// The gate step of a protected route: who asks, and may they.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "auth/http/permission.h"
#include "server/http/handler.h"

namespace tollgate::auth {

// One authenticator, ready to be asked. It says Pass when it knows the caller (the identity is
// filled then) and when it found nothing; a 401 when what it found is no good.
struct Way {
  http::GateStep authenticate;
  std::string challenge;  // `Bearer realm="api"`
};

struct Requirement {
  std::vector<Way> ways;  // asked in this order, until one knows the caller
  Permission permission;
  bool lenient = false;      // what is no good counts as not sent
  bool tell_errors = false;  // see the setting www_authenticate_error
};

// 401 to those who are not known, 403 to those who are and may not, or who cannot be known because
// there is no way. Unless it is lenient, credentials that are sent must be valid, even where anyone
// may. May not be destroyed while a Pending of it is under way.
http::GateStep require(Requirement requirement);

}  // namespace tollgate::auth
