// SPDX-License-Identifier: Apache-2.0
#include "auth/http/authentication.h"

#include "auth/http/bearer_authenticator.h"
#include "auth/http/require.h"
#include "auth/http/token_endpoints.h"
#include "auth/http/user_cache.h"
#include "auth/jwt/key.h"
#include "auth/tokens/sqlite_blacklist.h"
#include "auth/tokens/token_service.h"
#include "auth/users/database_url.h"
#include "auth/users/sqlite_user_store.h"
#include "server/log/logging.h"

namespace tollgate::auth {
namespace {

Result<jwt::SigningKey> load_key(const Config& config) {
  if (!config.signing_key.empty())
    return jwt::SigningKey::from_secret(crypto::SecretString(config.signing_key));
  if (config.signing_key_file.empty())
    return fail(Errc::Unavailable,
                "signing_key_file is not set, and some routes need a token: make a key with "
                "`tollgate keys generate --out signing.key` and give "
                "--signing-key-file signing.key (or TOLLGATE_SIGNING_KEY)");
  TOLLGATE_TRY(loaded, jwt::load_signing_key(config.signing_key_file));
  if (!loaded.warning.empty()) log::warning("{}", loaded.warning);
  return std::move(loaded.key);
}

Result<std::unique_ptr<users::SqliteUserStore>> open_store(const Config& config,
                                                           users::WhenBusy when_busy) {
  if (config.database.empty())
    return fail(Errc::Unavailable,
                "database is not set, and the users are in it: give --database sqlite:PATH");
  TOLLGATE_TRY(url, users::parse_database_url(config.database));
  return users::SqliteUserStore::open(url.path, when_busy);
}

Result<std::unique_ptr<tokens::Blacklist>> open_blacklist(const Config& config) {
  if (!config.token_blacklist) return nullptr;
  TOLLGATE_TRY(url, users::parse_database_url(config.database));
  return tokens::SqliteBlacklist::open(url.path);
}

}  // namespace

bool has_key(const Config& config) {
  return !config.signing_key.empty() || !config.signing_key_file.empty();
}

// Two connections: the loop asks one for its version, and must wait neither for
// what a thread is doing on the other nor for another process.
struct Authentication::Parts {
  std::unique_ptr<users::UserStore> watched;
  std::unique_ptr<users::UserStore> store;
  std::unique_ptr<tokens::Blacklist> blacklist;  // may be none
  std::unique_ptr<tokens::TokenService> tokens;
  std::unique_ptr<UserCache> cache;
  std::unique_ptr<BearerAuthenticator> bearer;
  const Clock& clock;
};

Authentication::Authentication(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Authentication::~Authentication() = default;

Result<std::unique_ptr<Authentication>> Authentication::create(const Config& config,
                                                               const Clock& clock) {
  TOLLGATE_TRY(key, load_key(config));
  TOLLGATE_TRY(watched, open_store(config, users::WhenBusy::Fail));
  TOLLGATE_TRY(store, open_store(config, users::WhenBusy::Wait));
  TOLLGATE_TRY(blacklist, open_blacklist(config));
  const tokens::TokenSettings settings = tokens::token_settings(config);
  TOLLGATE_TRY(tokens, tokens::TokenService::create(key, settings, *store, blacklist.get()));
  TOLLGATE_TRY(verifier, jwt::Verifier::create(key));
  auto parts = std::make_unique<Parts>(Parts{.watched = std::move(watched),
                                             .store = std::move(store),
                                             .blacklist = std::move(blacklist),
                                             .tokens = std::move(tokens),
                                             .cache = nullptr,
                                             .bearer = nullptr,
                                             .clock = clock});
  parts->cache = std::make_unique<UserCache>(*parts->watched);
  parts->bearer = std::make_unique<BearerAuthenticator>(std::move(verifier), settings,
                                                        *parts->cache, *parts->store, clock);
  return std::unique_ptr<Authentication>(new Authentication(std::move(parts)));
}

http::GateStep Authentication::require(Permission permission) {
  return auth::require(*parts_->bearer, std::move(permission));
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
bool Authentication::has_blacklist() const { return parts_->tokens->has_blacklist(); }
bool Authentication::verify_blocks() const { return parts_->tokens->verify_blocks(); }

}  // namespace tollgate::auth
