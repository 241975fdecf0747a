// The views of the Django project that the contract of simplejwt was recorded from, for
// tests/integration/parity_test.cc.
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "app/api/application.h"
#include "auth/users/sqlite.h"

using namespace tollgate;

namespace {

std::string user_of(const Request& request) {
  const auto& identity = request.identity();
  return identity.authenticated ? std::string(identity.name) : "AnonymousUser";
}

Response me(const Request& request) {
  return json({{"id", request.identity().id}, {"username", request.identity().name}});
}

Response publicly(const Request& request) {
  return json({{"public", true}, {"user", user_of(request)}});
}

// TokenUser of simplejwt: all that is known of it is what the token says.
Response stateless_user(const Request& request) {
  const auto& identity = request.identity();
  return json({{"id", identity.id},
               {"str", "TokenUser " + std::to_string(identity.id)},
               {"token", Json::parse(identity.claims)}});
}

// DRF's DjangoModelPermissions, of a user without permissions of their own.
Permission model_permissions() {
  return is_authenticated() && (read_only() || Permission([](const Request& request) {
                                  return request.identity().is_superuser;
                                }));
}

Result<Response> list_users(const std::string& path) {
  TOLLGATE_TRY(connection, users::Connection::open(path));
  TOLLGATE_TRY(statement, connection.prepare("SELECT id, username FROM auth_user ORDER BY id"));
  users::Query query = statement.query();
  Json list = Json::array();
  for (;;) {
    TOLLGATE_TRY(row, query.step());
    if (!row) return json(list);
    list.push_back({{"id", query.integer(0)}, {"username", query.text(1)}});
  }
}

}  // namespace

TOLLGATE_APP(app) {
  app.django_headers();
  app.token_endpoints("/api/token/");
  app.sliding_token_endpoints("/api/sliding/");
  app.obtain_endpoint("/api/token/throttled/").throttle({anon_rate("3/min")});

  app.get("/api/me", me);
  app.get("/api/admin-only",
          [](const Request& request) {
            return json({{"admin", request.identity().name}});
          })
      .require(is_admin());
  app.get("/api/readonly",
          [](const Request& request) {
            return json({{"read", true}, {"user", user_of(request)}});
          })
      .require(is_authenticated_or_read_only());
  app.post("/api/readonly",
           [](const Request& request) -> Result<Response> {
             TOLLGATE_TRY(document, parse_json(request));
             return json({{"wrote", document}, {"user", user_of(request)}}, 201);
           })
      .require(is_authenticated_or_read_only());
  app.get("/api/public", publicly).allow_anyone();
  app.get("/api/nothing", [] { return json({{"public", true}}); }).without_authentication();
  app.get("/api/stateless", stateless_user).authenticate_with({stateless()});
  app.get("/api/basic-first", me).authenticate_with({basic(), bearer()});
  app.get("/api/no-auth-class", me).authenticate_with({});
  app.get("/api/me-sliding", me).authenticate_with({bearer(TokenClasses::AccessAndSliding)});
  const std::string database = app.config().database.substr(std::string_view("sqlite:").size());
  app.get("/api/users", [database] { return list_users(database); })
      .require(model_permissions())
      .blocking();
  app.post("/api/users", [] { return json({{"made", true}}, 201); }).require(model_permissions());
  app.get("/api/throttled", me).throttle({user_rate("3/min")});
  app.get("/api/throttled-anon", publicly).allow_anyone().throttle({anon_rate("3/min")});
}
