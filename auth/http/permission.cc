// SPDX-License-Identifier: Apache-2.0
#include "auth/http/permission.h"

namespace tollgate::auth {

Permission allow_anyone() {
  return Permission([](const http::Request&) { return true; });
}

Permission is_authenticated() {
  return Permission([](const http::Request& request) { return request.identity().authenticated; });
}

Permission is_admin() {
  return Permission([](const http::Request& request) {
    return request.identity().authenticated && request.identity().is_staff;
  });
}

Permission read_only() {
  return Permission([](const http::Request& request) { return is_safe(request.method()); });
}

Permission operator&&(Permission left, Permission right) {
  return Permission([left = std::move(left), right = std::move(right)](const http::Request& r) {
    return left.allows(r) && right.allows(r);
  });
}

Permission operator||(Permission left, Permission right) {
  return Permission([left = std::move(left), right = std::move(right)](const http::Request& r) {
    return left.allows(r) || right.allows(r);
  });
}

Permission operator!(Permission permission) {
  return Permission([permission = std::move(permission)](const http::Request& r) {
    return !permission.allows(r);
  });
}

}  // namespace tollgate::auth
