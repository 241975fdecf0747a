// SPDX-License-Identifier: Apache-2.0
#include "auth/tokens/token_service.h"

#include <optional>
#include <utility>

#include "auth/crypto/secure.h"

namespace tollgate::tokens {
namespace {

using jwt::TokenType;

// simplejwt's two sentences; clients compare them.
constexpr std::string_view kBadCredentials = "No active account found with the given credentials";
constexpr std::string_view kNoAccount = "No active account found for the given token.";

tl::unexpected<Rejection> refuse(jwt::Refusal refusal) {
  return tl::unexpected(
      Rejection{Rejection::Reason::TokenNotValid,
                Error{Errc::Unauthenticated, std::string(jwt::message(refusal))}});
}

tl::unexpected<Rejection> refuse_account(std::string_view message) {
  return tl::unexpected(Rejection{Rejection::Reason::NoActiveAccount,
                                  Error{Errc::Unauthenticated, std::string(message)}});
}

tl::unexpected<Rejection> failed(Error error) {
  return tl::unexpected(Rejection{Rejection::Reason::Failed, std::move(error)});
}

int64_t to_seconds(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string user_id_member(int64_t id, UserIdType type) {
  const std::string number = std::to_string(id);
  return type == UserIdType::String ? "\"user_id\":\"" + number + "\"" : "\"user_id\":" + number;
}

}  // namespace

TokenSettings token_settings(const Config& config) {
  return TokenSettings{.access_lifetime = config.access_token_lifetime,
                       .refresh_lifetime = config.refresh_token_lifetime,
                       .leeway = config.leeway,
                       .user_id_type = config.user_id_type};
}

Result<std::unique_ptr<TokenService>> TokenService::create(std::shared_ptr<const jwt::KeyRing> ring,
                                                           const TokenSettings& settings,
                                                           users::UserStore& store,
                                                           crypto::PasswordHasher hasher) {
  TOLLGATE_TRY(signer, jwt::Signer::create(ring));
  TOLLGATE_TRY(verifier, jwt::Verifier::create(std::move(ring)));
  return std::unique_ptr<TokenService>(
      new TokenService(std::move(signer), std::move(verifier), settings, store, hasher));
}

TokenService::TokenService(jwt::Signer signer, jwt::Verifier verifier,
                           const TokenSettings& settings, users::UserStore& store,
                           crypto::PasswordHasher hasher)
    : settings_(settings),
      store_(store),
      hasher_(hasher),
      signer_(std::move(signer)),
      verifier_(std::move(verifier)) {}

Outcome<users::User> TokenService::authenticate(std::string_view username,
                                                std::string_view password) {
  auto user = store_.find_by_name(username);
  if (!user) return failed(std::move(user).error());
  // An empty hash matches nothing and costs as much as a real one. An inactive
  // user's hash is checked all the same, for the same reason.
  const bool matches = hasher_.verify(password, *user ? (*user)->password_hash : "");
  if (!*user || !matches || !(*user)->is_active) return refuse_account(kBadCredentials);
  return **std::move(user);
}

Outcome<TokenPair> TokenService::obtain(const users::User& user, WallTime now) {
  if (!user.is_active) return refuse_account(kBadCredentials);
  const std::string rest = user_id_member(user.id, settings_.user_id_type);
  auto refresh = mint(TokenType::Refresh, now, rest);
  if (!refresh) return tl::unexpected(std::move(refresh).error());
  auto access = mint(TokenType::Access, now, rest);
  if (!access) return tl::unexpected(std::move(access).error());
  return TokenPair{*std::move(refresh), *std::move(access)};
}

// What is kept of a refresh token when the verifier goes on to the next.
struct TokenService::RefreshClaims {
  std::optional<int64_t> user_id;
  std::string copied;  // JSON members
};

Outcome<std::string> TokenService::refresh(std::string_view refresh_token, WallTime now) {
  const auto claims = read_refresh_token(refresh_token, now);
  if (!claims) return tl::unexpected(claims.error());
  if (claims->user_id) {
    auto user = store_.find_by_id(*claims->user_id);
    if (!user) return failed(std::move(user).error());
    if (!*user || !(*user)->is_active) return refuse_account(kNoAccount);
  }
  return mint(TokenType::Access, now, claims->copied);
}

Outcome<void> TokenService::verify(std::string_view token, WallTime now) {
  const jwt::Policy policy{.leeway = settings_.leeway, .user_id = jwt::UserIdRule::Ignored};
  const std::lock_guard lock(mutex_);
  const auto claims = verifier_.verify(token, policy, now);
  if (!claims) return refuse(claims.error());
  return {};
}

Outcome<TokenService::RefreshClaims> TokenService::read_refresh_token(std::string_view token,
                                                                      WallTime now) {
  const jwt::Policy policy{.leeway = settings_.leeway,
                           .type = TokenType::Refresh,
                           .user_id = jwt::UserIdRule::IfPresent};
  const std::lock_guard lock(mutex_);
  const auto claims = verifier_.verify(token, policy, now);
  if (!claims) return refuse(claims.error());
  return RefreshClaims{claims->user_id.value, verifier_.copyable_claims()};
}

Outcome<std::string> TokenService::mint(TokenType type, WallTime now, std::string_view rest) {
  const auto jti = crypto::uuid4_hex();
  if (!jti) return failed(jti.error());
  const milliseconds lifetime =
      type == TokenType::Access ? settings_.access_lifetime : settings_.refresh_lifetime;
  const jwt::NewToken token{.type = type,
                            .exp = to_seconds(now + lifetime),
                            .iat = to_seconds(now),
                            .jti = {jti->data(), jti->size()},
                            .rest = rest};
  const std::lock_guard lock(mutex_);
  auto signed_token = signer_.sign(token);
  if (!signed_token) return failed(std::move(signed_token).error());
  return *std::move(signed_token);
}

}  // namespace tollgate::tokens
