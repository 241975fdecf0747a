// SPDX-License-Identifier: Apache-2.0
#include "auth/http/identity.h"

#include <nlohmann/json.hpp>

namespace tollgate::auth {

void fill_identity(const users::User& user, http::Exchange& exchange) {
  http::Identity& identity = exchange.request.identity;
  identity.authenticated = true;
  identity.id = user.id;
  identity.name = exchange.arena.copy(user.username);
  identity.is_staff = user.is_staff;
  identity.is_superuser = user.is_superuser;
}

void fill_from_claims(http::Exchange& exchange, int64_t id) {
  http::Identity& identity = exchange.request.identity;
  const auto claims = nlohmann::json::parse(identity.claims, nullptr, /*allow_exceptions=*/false);
  const auto is_true = [&claims](const char* name) {
    const auto found = claims.find(name);
    return found != claims.end() && found->is_boolean() && found->get<bool>();
  };
  identity.authenticated = true;
  identity.id = id;
  if (const auto name = claims.find("username"); name != claims.end() && name->is_string())
    identity.name = exchange.arena.copy(name->get_ref<const std::string&>());
  identity.is_staff = is_true("is_staff");
  identity.is_superuser = is_true("is_superuser");
}

}  // namespace tollgate::auth
