// An application that takes the tokens of another issuer, whose key the variable TEST_ISSUER_KEY
// names, and of an algorithm that TEST_ISSUER_ALGORITHM names.
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "app/api/application.h"

using namespace tollgate;

namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Response who(const Request& request) {
  return json({{"sub", request.identity().subject}, {"known", request.identity().authenticated}});
}

}  // namespace

TOLLGATE_APP(app) {
  const Authenticator partner = tokens_of({.key_file = variable("TEST_ISSUER_KEY"),
                                           .algorithm = variable("TEST_ISSUER_ALGORITHM"),
                                           .issuer = "https://partner.example",
                                           .audience = "api"});
  app.get("/partner", who).authenticate_with({partner});
  app.get("/admin", who).authenticate_with({partner}).require(is_admin());
  app.get("/user",
          [](const Request& r) {
            return json({{"id", r.identity().id}, {"name", r.identity().name}});
          })
      .authenticate_with({partner});
  app.get("/open", who).authenticate_with({partner}).allow_anyone();
}
