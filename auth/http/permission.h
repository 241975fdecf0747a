// Who may: permissions as values, with DRF's names and meanings.
//
//   is_authenticated() || read_only()        DRF's IsAuthenticatedOrReadOnly
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "server/base/export.h"
#include "server/http/request.h"

namespace tollgate::auth {

class TOLLGATE_API Permission {
 public:
  using Check = std::function<bool(const http::Request&)>;

  // `check` runs on the loop, once the caller is known, and must not block.
  explicit Permission(Check check) : check_(std::move(check)) {}

  bool allows(const http::Request& request) const { return check_(request); }

 private:
  Check check_;
};

TOLLGATE_API Permission allow_anyone();
TOLLGATE_API Permission is_authenticated();
TOLLGATE_API Permission is_admin();   // is_staff, as DRF's IsAdminUser
TOLLGATE_API Permission read_only();  // GET, HEAD and OPTIONS

TOLLGATE_API Permission operator&&(Permission left, Permission right);
TOLLGATE_API Permission operator||(Permission left, Permission right);
TOLLGATE_API Permission operator!(Permission permission);

}  // namespace tollgate::auth
