// SPDX-License-Identifier: Apache-2.0
#include "auth/http/permission.h"

#include <algorithm>
#include <nlohmann/json.hpp>

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

Permission is_authenticated_or_read_only() { return is_authenticated() || read_only(); }

Permission has_claim(std::string name, std::variant<bool, int64_t, std::string> value) {
  nlohmann::json wanted;
  std::visit([&wanted](const auto& v) { wanted = v; }, value);
  return Permission([name = std::move(name), wanted = std::move(wanted)](const http::Request& r) {
    if (!r.identity().authenticated || r.identity().claims.empty()) return false;
    const auto claims =
        nlohmann::json::parse(r.identity().claims, nullptr, /*allow_exceptions=*/false);
    const auto found = claims.find(name);
    if (found == claims.end()) return false;
    const auto is_wanted = [&wanted](const nlohmann::json& claim) {
      return claim.is_number() == wanted.is_number() && claim == wanted;
    };
    return found->is_array() ? std::ranges::any_of(*found, is_wanted) : is_wanted(*found);
  });
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
