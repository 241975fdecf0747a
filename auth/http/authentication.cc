// SPDX-License-Identifier: Apache-2.0
#include "auth/http/authentication.h"

#include "auth/http/bearer_authenticator.h"
#include "auth/http/key_settings.h"
#include "auth/http/require.h"
#include "auth/http/token_endpoints.h"
#include "auth/http/user_cache.h"
#include "auth/tokens/token_service.h"
#include "auth/users/database_url.h"
#include "auth/users/sqlite_user_store.h"
#include "server/log/logging.h"

namespace tollgate::auth {
namespace {

Result<std::unique_ptr<users::SqliteUserStore>> open_store(const Config& config,
                                                           users::WhenBusy when_busy) {
  if (config.database.empty())
    return fail(Errc::Unavailable,
                "database is not set, and the users are in it: give --database sqlite:PATH");
  TOLLGATE_TRY(url, users::parse_database_url(config.database));
  return users::SqliteUserStore::open(url.path, when_busy);
}

}  // namespace

// Two connections: the loop asks one for its version, and must wait neither for
// what a thread is doing on the other nor for another process.
struct Authentication::Parts {
  std::unique_ptr<users::UserStore> watched;
  std::unique_ptr<users::UserStore> store;
  std::unique_ptr<tokens::TokenService> tokens;
  std::unique_ptr<UserCache> cache;
  std::unique_ptr<BearerAuthenticator> bearer;
  const Clock& clock;
};

Authentication::Authentication(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Authentication::~Authentication() = default;

Result<std::unique_ptr<Authentication>> Authentication::create(const Config& config,
                                                               const Clock& clock) {
  TOLLGATE_TRY(keys, load_keys(config));
  for (const std::string& warning : keys.warnings) log::warning("{}", warning);
  TOLLGATE_TRY(watched, open_store(config, users::WhenBusy::Fail));
  TOLLGATE_TRY(store, open_store(config, users::WhenBusy::Wait));
  TOLLGATE_TRY(tokens,
               tokens::TokenService::create(keys.ring, tokens::token_settings(config), *store));
  TOLLGATE_TRY(verifier, jwt::Verifier::create(keys.ring));
  auto parts = std::make_unique<Parts>(Parts{.watched = std::move(watched),
                                             .store = std::move(store),
                                             .tokens = std::move(tokens),
                                             .cache = nullptr,
                                             .bearer = nullptr,
                                             .clock = clock});
  parts->cache = std::make_unique<UserCache>(*parts->watched);
  parts->bearer = std::make_unique<BearerAuthenticator>(
      std::move(verifier), jwt::Policy{.leeway = config.leeway, .type = jwt::TokenType::Access},
      *parts->cache, *parts->store, clock);
  return std::unique_ptr<Authentication>(new Authentication(std::move(parts)));
}

http::GateStep Authentication::require(Permission permission) {
  return auth::require(*parts_->bearer, std::move(permission));
}

http::Handler Authentication::obtain() { return obtain_endpoint(*parts_->tokens, parts_->clock); }
http::Handler Authentication::refresh() { return refresh_endpoint(*parts_->tokens, parts_->clock); }
http::Handler Authentication::verify() { return verify_endpoint(*parts_->tokens, parts_->clock); }

}  // namespace tollgate::auth
