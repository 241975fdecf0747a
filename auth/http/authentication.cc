// SPDX-License-Identifier: Apache-2.0
#include "auth/http/authentication.h"

#include "auth/http/basic_authenticator.h"
#include "auth/http/bearer_authenticator.h"
#include "auth/http/jwks.h"
#include "auth/http/key_settings.h"
#include "auth/http/require.h"
#include "auth/http/token_endpoints.h"
#include "auth/http/user_cache.h"
#include "auth/tokens/sqlite_blacklist.h"
#include "auth/tokens/token_service.h"
#include "auth/users/database_url.h"
#include "auth/users/sqlite_user_store.h"
#include "server/log/logging.h"

namespace tollgate::auth {
namespace {

Result<std::unique_ptr<users::SqliteUserStore>> open_store(const Config& config,
                                                           users::WhenBusy when_busy) {
  TOLLGATE_TRY(url, users::parse_database_url(config.database));
  return users::SqliteUserStore::open(url.path, when_busy);
}

Result<std::unique_ptr<tokens::Blacklist>> open_blacklist(const Config& config) {
  if (!config.token_blacklist) return nullptr;
  TOLLGATE_TRY(url, users::parse_database_url(config.database));
  return tokens::SqliteBlacklist::open(url.path);
}

}  // namespace

// Two connections to the store: the loop asks one for its version, and must wait neither for
// what a thread is doing on the other nor for another process. Without a database there is none of
// those that need one.
struct Authentication::Parts {
  const Config& config;
  const Clock& clock;
  std::unique_ptr<users::UserStore> watched;
  std::unique_ptr<users::UserStore> store;
  std::unique_ptr<tokens::Blacklist> blacklist;  // may be none
  std::unique_ptr<tokens::TokenService> tokens;
  std::unique_ptr<UserCache> cache;
  std::unique_ptr<BasicAuthenticator> basic;
  std::unique_ptr<BearerAuthenticator> bearer;
  Jwks jwks;

  Status open_users(std::shared_ptr<const jwt::KeyRing> ring,
                    const tokens::TokenSettings& settings);
  Way way(const Authenticator& authenticator);
};

Status Authentication::Parts::open_users(std::shared_ptr<const jwt::KeyRing> ring,
                                         const tokens::TokenSettings& settings) {
  TOLLGATE_TRY(opened_watched, open_store(config, users::WhenBusy::Fail));
  TOLLGATE_TRY(opened_store, open_store(config, users::WhenBusy::Wait));
  TOLLGATE_TRY(opened_blacklist, open_blacklist(config));
  watched = std::move(opened_watched);
  store = std::move(opened_store);
  blacklist = std::move(opened_blacklist);
  TOLLGATE_TRY(service,
               tokens::TokenService::create(std::move(ring), settings, *store, blacklist.get()));
  tokens = std::move(service);
  cache = std::make_unique<UserCache>(*watched);
  basic = std::make_unique<BasicAuthenticator>(*tokens);
  return {};
}

Way Authentication::Parts::way(const Authenticator& authenticator) {
  if (authenticator.kind == Authenticator::Kind::Basic)
    return Way{[&asked = *basic](http::Exchange& e) { return asked.authenticate(e); },
               R"(Basic realm="api")"};
  return Way{[&asked = *bearer, rules = bearer->rules(authenticator)](http::Exchange& e) {
               return asked.authenticate(rules, e);
             },
             R"(Bearer realm="api")"};
}

Authentication::Authentication(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Authentication::~Authentication() = default;

Result<std::unique_ptr<Authentication>> Authentication::create(const Config& config,
                                                               const Clock& clock) {
  TOLLGATE_TRY(keys, load_keys(config));
  for (const std::string& warning : keys.warnings) log::warning("{}", warning);
  const tokens::TokenSettings settings = tokens::token_settings(config);
  auto parts = std::make_unique<Parts>(Parts{.config = config, .clock = clock});
  if (!config.database.empty()) TOLLGATE_CHECK(parts->open_users(keys.ring, settings));
  TOLLGATE_TRY(verifier,
               jwt::Verifier::create(keys.ring, {.require_at_jwt = config.require_at_jwt}));
  parts->jwks.use(*keys.ring);
  parts->bearer = std::make_unique<BearerAuthenticator>(std::move(verifier), settings,
                                                        parts->cache.get(), parts->store.get(),
                                                        clock, config.www_authenticate_error);
  return std::unique_ptr<Authentication>(new Authentication(std::move(parts)));
}

Status Authentication::needs_users() const {
  if (parts_->store) return {};
  return fail(Errc::Unavailable,
              "database is not set, and the users are in it: give --database sqlite:PATH");
}

Result<http::GateStep> Authentication::require(const Authenticators& authenticators,
                                               Permission permission, bool lenient) {
  Requirement requirement{.ways = {},
                          .permission = std::move(permission),
                          .lenient = lenient,
                          .tell_errors = parts_->config.www_authenticate_error};
  for (const Authenticator& authenticator : authenticators) {
    if (authenticator.kind != Authenticator::Kind::Stateless) TOLLGATE_CHECK(needs_users());
    requirement.ways.push_back(parts_->way(authenticator));
  }
  return auth::require(std::move(requirement));
}

void Authentication::set_claims_hook(tokens::ClaimsHook hook) {
  if (parts_->tokens) parts_->tokens->set_claims_hook(std::move(hook));
}

http::Handler Authentication::obtain() { return obtain_endpoint(*parts_->tokens, parts_->clock); }
http::Handler Authentication::refresh() { return refresh_endpoint(*parts_->tokens, parts_->clock); }
http::Handler Authentication::verify() { return verify_endpoint(*parts_->tokens, parts_->clock); }
http::Handler Authentication::blacklist() {
  return blacklist_endpoint(*parts_->tokens, parts_->clock);
}
http::Handler Authentication::sliding_obtain() {
  return sliding_obtain_endpoint(*parts_->tokens, parts_->clock);
}
http::Handler Authentication::sliding_refresh() {
  return sliding_refresh_endpoint(*parts_->tokens, parts_->clock);
}
http::Handler Authentication::jwks() {
  return [&jwks = parts_->jwks](const http::Request&) { return jwks.answer(); };
}
bool Authentication::has_public_keys() const { return !parts_->jwks.is_empty(); }
bool Authentication::has_blacklist() const { return parts_->tokens->has_blacklist(); }
bool Authentication::verify_blocks() const { return parts_->tokens->verify_blocks(); }

}  // namespace tollgate::auth
