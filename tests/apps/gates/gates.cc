// An application with every way to say who may, and how often.
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "app/api/application.h"

using namespace tollgate;

namespace {

Response who(const Request& r) {
  return json({{"id", r.identity().id}, {"username", r.identity().name}});
}

struct Note {
  int64_t owner;
};

const ObjectPermission<Note> kIsOwner([](const Request& r, const Note& note) {
  return r.identity().authenticated && r.identity().id == note.owner;
});

// The notes 1, 2 and 3 are those of the users 1, 2 and 3.
Result<Response> show(const Request& r, int64_t id, const ObjectPermission<Note>& permission) {
  TOLLGATE_CHECK(check_object(r, permission, Note{id}));
  return who(r);
}

}  // namespace

TOLLGATE_APP(app) {
  app.token_endpoints("/api/token/", {scoped_rate("login", "5/hour")});
  app.claims([](const ClaimsFor& user) -> Json {
    if (user.username == "bob") return {{"user_id", 1}};
    return {{"plan", "gold"}, {"groups", {"a", "b"}}, {"username", user.username}};
  });
  app.get("/me", who);
  app.get("/basic-first", who).authenticate_with({basic(), bearer()});
  app.get("/basic-behind", who).authenticate_with({bearer(), basic()});
  app.get("/cookie", who).authenticate_with({cookie()});
  app.post("/cookie", who).authenticate_with({cookie()});
  app.get("/stateless", who).authenticate_with({stateless()});
  app.get("/sliding", who).authenticate_with({bearer(TokenClasses::AccessAndSliding)});
  app.get("/nobody", who).authenticate_with({});
  app.get("/ignored", who).without_authentication();
  app.get("/optional", who).allow_anyone();
  app.get("/lenient", who).allow_anyone().lenient_authentication();
  app.get("/lenient-closed", who).lenient_authentication();
  app.get("/read-only", who).require(is_authenticated_or_read_only());
  app.post("/read-only", who).require(is_authenticated_or_read_only());
  app.get("/gold", who).require(has_claim("plan", "gold").says("Only for gold.", "not_gold"));
  app.get("/group-b", who).require(has_claim("groups", "b"));
  app.get("/group-c", who).require(has_claim("groups", "c"));
  app.get("/notes/{id:int}",
          [](const Request& r, int64_t id) { return show(r, id, kIsOwner || is_admin()); });
  app.get("/hidden/{id:int}",
          [](const Request& r, int64_t id) { return show(r, id, kIsOwner.hidden()); });
  app.get("/public-notes/{id:int}",
          [](const Request& r, int64_t id) { return show(r, id, kIsOwner.says("Not yours.")); })
      .allow_anyone();
  app.get("/order", who).json_only().throttle({scoped_rate("order", "2/hour")});
  app.get("/by-user", who).throttle({user_rate("3/min")});
  app.get("/by-anon", who).allow_anyone().throttle({anon_rate("3/min")});
  app.get("/many", who).without_authentication().throttle({scoped_rate("many", "20/hour")});
}
