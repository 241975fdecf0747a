// What scripts/bench serves, and what is measured from outside beside other servers: the cases that
// all of them have. BENCH_ASSETS names a folder with the directory static/ and the keys of four
// issuers: hs.key (raw), rs.pub, es.pub, ed.pub (PEM).
//
// BENCH_ROUTES=N adds so many routes, /route/1/{id} to /route/N/{id}, for the table of how the
// router's cost grows; with a key there is /token, with a database /api/token/ as well.
// SPDX-License-Identifier: Apache-2.0
#include <simdjson.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "app/api/application.h"

using namespace tollgate;

namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

// JSON as an author would write it who counts microseconds: a nlohmann document costs more than all
// of the rest of the request.
Result<Response> echo(const Request& request) {
  static simdjson::dom::parser parser;  // of this worker's loop
  simdjson::dom::element document;
  if (const auto error = parser.parse(request.body().data(), request.body().size()).get(document))
    return fail(Errc::InvalidArgument, simdjson::error_message(error));
  return http::json_text(simdjson::minify(document));
}

struct Protected {
  const char* path;
  const char* algorithm;
  const char* key_file;
};
constexpr Protected kProtected[] = {
    {"/jwt/hs", "HS256", "hs.key"},
    {"/jwt/rs", "RS256", "rs.pub"},
    {"/jwt/es", "ES256", "es.pub"},
    {"/jwt/ed", "EdDSA", "ed.pub"},
};

Response caller(const Request& request) {
  return http::json_text("{\"sub\":" + json_quote(request.identity().subject) + ",\"ok\":true}");
}

void add_protected(Application& app, const std::string& assets) {
  for (const Protected& each : kProtected)
    app.get(each.path, caller)
        .authenticate_with({auth::tokens_of(auth::Issuer{.key_file = assets + "/" + each.key_file,
                                                         .algorithm = each.algorithm,
                                                         .issuer = "bench",
                                                         .audience = "api"})});
}

void add_routes(Application& app, const std::string& count) {
  const auto routes = std::stoul(count);
  for (unsigned long i = 1; i <= routes; ++i)
    app.get("/route/" + std::to_string(i) + "/{id:int}", [](int64_t) { return text("route\n"); })
        .without_authentication();
}

bool has_key(const Config& config) {
  return !config.signing_key.empty() || !config.signing_key_file.empty() ||
         !config.verifying_key_file.empty() || !config.keys_file.empty();
}

}  // namespace

TOLLGATE_APP(app) {
  app.get("/plain", [] { return text("Hello, World!"); }).without_authentication();
  app.get("/json",
          [] { return http::json_text("{\"message\":" + json_quote("Hello, World!") + "}"); })
      .without_authentication();
  app.post("/echo", echo).without_authentication();
  app.get("/block", [] { return text("Hello, World!"); }).without_authentication().blocking();

  if (const std::string assets = variable("BENCH_ASSETS"); !assets.empty()) {
    app.static_files("/static/", assets + "/static");
    add_protected(app, assets);
  }
  if (const std::string routes = variable("BENCH_ROUTES"); !routes.empty()) add_routes(app, routes);
  if (has_key(app.config())) {
    app.get("/token", [] { return text("Hello, World!"); }).authenticate_with({stateless()});
    if (!app.config().database.empty()) app.token_endpoints("/api/token/");
  }
}
