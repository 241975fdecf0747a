// SPDX-License-Identifier: Apache-2.0
#include "auth/http/authentication.h"

#include <map>
#include <optional>

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
  std::unique_ptr<BearerAuthenticator> bearer;  // none without keys
  std::map<std::shared_ptr<const Issuer>, std::unique_ptr<BearerAuthenticator>> issuers;
  std::optional<Error> no_keys;
  Jwks jwks;

  Status open();
  Status open_users(std::shared_ptr<const jwt::KeyRing> ring,
                    const tokens::TokenSettings& settings);
  Result<BearerAuthenticator*> authenticator_of(const std::shared_ptr<const Issuer>& issuer);
  Result<Way> way(const Authenticator& authenticator);
};

Status Authentication::Parts::open() {
  TOLLGATE_TRY(keys, load_keys(config));
  for (const std::string& warning : keys.warnings) log::warning("{}", warning);
  const tokens::TokenSettings settings = tokens::token_settings(config);
  if (!config.database.empty()) TOLLGATE_CHECK(open_users(keys.ring, settings));
  TOLLGATE_TRY(verifier, jwt::Verifier::create(keys.ring, {.require_at_jwt = config.require_at_jwt,
                                                           .names = settings.names}));
  jwks.use(*keys.ring);
  bearer = std::make_unique<BearerAuthenticator>(std::move(verifier), settings, cache.get(),
                                                 store.get(), clock, config.www_authenticate_error);
  return {};
}

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

// One for each issuer, so that its routes share a cache of verified tokens.
Result<BearerAuthenticator*> Authentication::Parts::authenticator_of(
    const std::shared_ptr<const Issuer>& issuer) {
  auto& known = issuers[issuer];
  if (known) return known.get();
  TOLLGATE_TRY(keys, load_issuer_keys(issuer->key_file, issuer->algorithm));
  for (const std::string& warning : keys.warnings) log::warning("{}", warning);
  TOLLGATE_TRY(verifier,
               jwt::Verifier::create(keys.ring, {.require_at_jwt = issuer->require_at_jwt}));
  known =
      std::make_unique<BearerAuthenticator>(std::move(verifier), tokens::token_settings(config),
                                            nullptr, nullptr, clock, config.www_authenticate_error);
  return known.get();
}

Result<Way> Authentication::Parts::way(const Authenticator& authenticator) {
  if (authenticator.kind == Authenticator::Kind::Basic)
    return Way{[&asked = *basic](http::Exchange& e) { return asked.authenticate(e); },
               R"(Basic realm="api")"};
  BearerAuthenticator* asks = bearer.get();
  if (authenticator.issuer) {
    TOLLGATE_TRY(found, authenticator_of(authenticator.issuer));
    asks = found;
  }
  return Way{[asks, rules = asks->rules(authenticator)](http::Exchange& e) {
               return asks->authenticate(rules, e);
             },
             R"(Bearer realm="api")"};
}

Authentication::Authentication(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Authentication::~Authentication() = default;

Result<std::unique_ptr<Authentication>> Authentication::create(const Config& config,
                                                               const Clock& clock) {
  auto parts = std::make_unique<Parts>(Parts{.config = config, .clock = clock});
  if (has_key(config))
    TOLLGATE_CHECK(parts->open());
  else
    parts->no_keys = load_keys(config).error();
  return std::unique_ptr<Authentication>(new Authentication(std::move(parts)));
}

Status Authentication::needs_keys() const {
  return parts_->no_keys ? Status(fail(*parts_->no_keys)) : Status();
}

Status Authentication::needs_users() const {
  TOLLGATE_CHECK(needs_keys());
  if (parts_->store) return {};
  return fail(Errc::Unavailable,
              "database is not set, and the users are in it: give --database sqlite:PATH");
}

Status Authentication::needs(const Authenticator& authenticator) const {
  switch (authenticator.kind) {
    case Authenticator::Kind::Issuer:
      return {};
    case Authenticator::Kind::Stateless:
      return needs_keys();
    case Authenticator::Kind::Bearer:
    case Authenticator::Kind::Cookie:
    case Authenticator::Kind::Basic:
      break;
  }
  return needs_users();
}

Result<http::GateStep> Authentication::require(const Authenticators& authenticators,
                                               Permission permission, bool lenient) {
  Requirement requirement{.ways = {},
                          .permission = std::move(permission),
                          .lenient = lenient,
                          .tell_errors = parts_->config.www_authenticate_error};
  for (const Authenticator& authenticator : authenticators) {
    TOLLGATE_CHECK(needs(authenticator));
    TOLLGATE_TRY(way, parts_->way(authenticator));
    requirement.ways.push_back(std::move(way));
  }
  return auth::require(std::move(requirement));
}

Status Authentication::use(const std::shared_ptr<const jwt::KeyRing>& ring) {
  if (!parts_->bearer) return {};
  if (parts_->tokens) TOLLGATE_CHECK(parts_->tokens->use(ring));
  parts_->jwks.use(*ring);
  return parts_->bearer->use(ring);
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
