// SPDX-License-Identifier: Apache-2.0
#include "auth/tokens/token_service.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "auth/crypto/secure.h"
#include "server/base/text.h"

namespace tollgate::tokens {
namespace {

using jwt::TokenType;

// simplejwt's two sentences; clients compare them.
constexpr std::string_view kBadCredentials = "No active account found with the given credentials";
constexpr std::string_view kNoAccount = "No active account found for the given token.";
constexpr std::string_view kPasswordChanged = "The user's password has been changed.";
constexpr std::string_view kBlacklisted = "Token is blacklisted";

tl::unexpected<Rejection> reject(Rejection::Reason reason, std::string_view message) {
  return tl::unexpected(Rejection{reason, Error{Errc::Unauthenticated, std::string(message)}});
}

tl::unexpected<Rejection> refuse(std::string_view message) {
  return reject(Rejection::Reason::TokenNotValid, message);
}

tl::unexpected<Rejection> refuse_account(std::string_view message) {
  return reject(Rejection::Reason::NoActiveAccount, message);
}

tl::unexpected<Rejection> failed(Error error) {
  return tl::unexpected(Rejection{Rejection::Reason::Failed, std::move(error)});
}

int64_t to_seconds(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

// An Outcome that is not needed but for its rejection.
template <class T>
tl::unexpected<Rejection> pass_on(T&& outcome) {
  return tl::unexpected(std::forward<T>(outcome).error());
}

}  // namespace

// What is kept of a token when the verifier goes on to the next.
struct TokenService::Received {
  std::string text;
  std::string jti;
  int64_t exp = 0;
  std::optional<int64_t> user_id;
  jwt::Claim<int64_t> refresh_exp;
  std::optional<std::string> fingerprint;
  std::string copied;  // JSON members: all but what each token has of its own

  IssuedToken issued() const { return {jti, text, exp, user_id}; }
};

struct TokenService::Minted {
  std::string text;
  std::array<char, 32> jti;
  int64_t exp;

  IssuedToken issued(std::optional<int64_t> user_id) const {
    return {{jti.data(), jti.size()}, text, exp, user_id};
  }
};

Status TokenService::use(const std::shared_ptr<const jwt::KeyRing>& ring) {
  {
    const std::lock_guard lock(verifying_);
    TOLLGATE_CHECK(verifier_.use(ring));
  }
  const std::lock_guard lock(signing_);
  return signer_.use(ring);
}

Result<std::unique_ptr<TokenService>> TokenService::create(std::shared_ptr<const jwt::KeyRing> ring,
                                                           const TokenSettings& settings,
                                                           users::UserStore& store,
                                                           Blacklist* blacklist,
                                                           crypto::PasswordHasher hasher) {
  TOLLGATE_TRY(signer, jwt::Signer::create(ring, {.at_jwt = settings.write_at_jwt}));
  // A refresh token comes once or seldom.
  TOLLGATE_TRY(verifier,
               jwt::Verifier::create(std::move(ring), {.cache = false, .names = settings.names}));
  return std::unique_ptr<TokenService>(
      new TokenService(std::move(signer), std::move(verifier), settings, store, blacklist, hasher));
}

TokenService::TokenService(jwt::Signer signer, jwt::Verifier verifier,
                           const TokenSettings& settings, users::UserStore& store,
                           Blacklist* blacklist, crypto::PasswordHasher hasher)
    : settings_(settings),
      store_(store),
      blacklist_(blacklist),
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
  auto members = add_claims(user_members(settings_, user), user, "");
  if (!members) return pass_on(std::move(members));
  const std::string rest = *members + closing_members(settings_);
  auto refresh = mint(TokenType::Refresh, now, rest);
  if (!refresh) return pass_on(std::move(refresh));
  auto access = mint(TokenType::Access, now, rest);
  if (!access) return pass_on(std::move(access));
  if (auto noted = note_login(user, refresh->issued(user.id), now); !noted)
    return pass_on(std::move(noted));
  return TokenPair{std::move(refresh->text), std::move(access->text)};
}

Outcome<std::string> TokenService::obtain_sliding(const users::User& user, WallTime now) {
  if (!user.is_active) return refuse_account(kBadCredentials);
  auto members = add_claims(user_members(settings_, user), user, "");
  if (!members) return pass_on(std::move(members));
  std::string rest;
  append_json_quoted(rest, settings_.names.refresh_exp);
  const int64_t refresh_exp = to_seconds(now + settings_.sliding_refresh_lifetime);
  rest += ":" + std::to_string(refresh_exp) + "," + *members + closing_members(settings_);
  auto token = mint(TokenType::Sliding, now, rest);
  if (!token) return pass_on(std::move(token));
  IssuedToken issued = token->issued(user.id);
  issued.expires_at =
      std::max(issued.expires_at, refresh_exp);  // its jti may come again until then
  if (auto noted = note_login(user, issued, now); !noted) return pass_on(std::move(noted));
  return std::move(token->text);
}

Outcome<void> TokenService::note_login(const users::User& user, const IssuedToken& token,
                                       WallTime now) {
  if (blacklist_ != nullptr)
    if (Status recorded = blacklist_->record(token, now); !recorded)
      return failed(std::move(recorded).error());
  if (settings_.update_last_login)
    if (Status noted = store_.set_last_login(user.id, now); !noted)
      return failed(std::move(noted).error());
  return {};
}

Outcome<Refreshed> TokenService::refresh(std::string_view refresh_token, WallTime now) {
  auto token = read_unused(refresh_token, TokenType::Refresh, now);
  if (!token) return pass_on(token);
  if (auto account = check_account(*token, now); !account) return pass_on(std::move(account));
  if (settings_.rotate) return rotate(*token, now);
  auto access = mint(TokenType::Access, now, token->copied);
  if (!access) return pass_on(std::move(access));
  return Refreshed{std::move(access->text), std::nullopt};
}

Outcome<Refreshed> TokenService::rotate(const Received& token, WallTime now) {
  auto access = mint(TokenType::Access, now, token.copied);
  if (!access) return pass_on(std::move(access));
  auto successor = mint(TokenType::Refresh, now, token.copied);
  if (!successor) return pass_on(std::move(successor));
  const IssuedToken issued = successor->issued(token.user_id);
  if (blacklist_ != nullptr && settings_.blacklist_after_rotation) {
    auto consumed = blacklist_->consume(token.issued(), &issued, now);
    if (!consumed) return failed(std::move(consumed).error());
    if (*consumed == Consumed::Already) return refuse(kBlacklisted);
  } else if (blacklist_ != nullptr) {
    if (Status recorded = blacklist_->record(issued, now); !recorded)
      return failed(std::move(recorded).error());
  }
  return Refreshed{std::move(access->text), std::move(successor->text)};
}

Outcome<std::string> TokenService::refresh_sliding(std::string_view sliding_token, WallTime now) {
  auto token = read_unused(sliding_token, TokenType::Sliding, now);
  if (!token) return pass_on(token);
  const std::string& name = settings_.names.refresh_exp;
  if (!token->refresh_exp.present) return refuse("Token has no '" + name + "' claim");
  if (!token->refresh_exp.value) return refuse(message(jwt::Refusal::Invalid, settings_.compat));
  if (*token->refresh_exp.value <= to_seconds(now - settings_.leeway))
    return refuse("Token '" + name + "' claim has expired");
  if (auto account = check_account(*token, now); !account) return pass_on(std::move(account));
  return sign({.type = TokenType::Sliding,
               .exp = to_seconds(now + settings_.sliding_lifetime),
               .iat = to_seconds(now),
               .jti = token->jti,
               .rest = token->copied});
}

Outcome<void> TokenService::blacklist(std::string_view refresh_token, WallTime now) {
  jwt::Policy policy = token_policy(settings_);
  policy.type = TokenType::Refresh;
  const auto token = read(refresh_token, policy, now);
  if (!token) return pass_on(token);
  if (blacklist_ == nullptr) return {};
  auto consumed = blacklist_->consume(token->issued(), nullptr, now);
  if (!consumed) return failed(std::move(consumed).error());
  if (*consumed == Consumed::Already) return refuse(kBlacklisted);
  return {};
}

bool TokenService::verify_blocks() const {
  return blacklist_ != nullptr && settings_.blacklist_after_rotation;
}

Outcome<void> TokenService::verify(std::string_view token, WallTime now) {
  const auto received = read(token, token_policy(settings_), now);
  if (!received) return pass_on(received);
  if (!verify_blocks()) return {};
  auto blacklisted = blacklist_->contains(received->jti);
  if (!blacklisted) return failed(std::move(blacklisted).error());
  if (*blacklisted) return reject(Rejection::Reason::Blacklisted, kBlacklisted);
  return {};
}

// The signature and the claims; nothing that is stored.
Outcome<TokenService::Received> TokenService::read(std::string_view token,
                                                   const jwt::Policy& policy, WallTime now) {
  const std::lock_guard lock(verifying_);
  const auto claims = verifier_.verify(token, policy, now);
  if (!claims && claims.error() == jwt::Refusal::UnknownUserId) return refuse_account(kNoAccount);
  if (!claims) return refuse(message(claims.error(), settings_.compat));
  Received out{.text = std::string(token),
               .jti = std::string(*claims->jti),
               .exp = *claims->exp,
               .user_id = claims->user_id.value,
               .refresh_exp = claims->refresh_exp,
               .fingerprint = std::nullopt,
               .copied = {}};
  if (claims->fingerprint.value) out.fingerprint = std::string(*claims->fingerprint.value);
  // Ours stand at the end, and once.
  std::vector<std::string_view> ours;
  if (!settings_.audience.empty()) ours.emplace_back("aud");
  if (!settings_.issuer.empty()) ours.emplace_back("iss");
  out.copied = verifier_.copyable_claims(*claims, ours) + closing_members(settings_);
  if (out.copied.starts_with(',')) out.copied.erase(0, 1);
  return out;
}

// One that may be exchanged: of this type, and not blacklisted.
Outcome<TokenService::Received> TokenService::read_unused(std::string_view token, TokenType type,
                                                          WallTime now) {
  jwt::Policy policy = token_policy(settings_);
  policy.type = type;
  policy.user_id = jwt::UserIdRule::IfPresent;
  auto received = read(token, policy, now);
  if (!received || blacklist_ == nullptr) return received;
  auto blacklisted = blacklist_->contains(received->jti);
  if (!blacklisted) return failed(std::move(blacklisted).error());
  if (*blacklisted) return refuse(kBlacklisted);
  return received;
}

// Those of the application: what it says of the user now takes the place of what it said before.
Outcome<std::string> TokenService::add_claims(std::string members, const users::User& user,
                                              std::string_view previous) {
  if (!claims_hook_) return members;
  auto added = claims_hook_({.id = user.id,
                             .username = user.username,
                             .is_staff = user.is_staff,
                             .is_superuser = user.is_superuser,
                             .previous = previous});
  if (!added) return failed(std::move(added).error());
  const jwt::ClaimNames& names = settings_.names;
  auto merged =
      merge_claims(members, *added, {names.user_id, names.refresh_exp, names.fingerprint});
  if (!merged) return failed(std::move(merged).error());
  return *std::move(merged);
}

// Also asks for the claims that the token's successors shall have.
Outcome<void> TokenService::check_account(Received& token, WallTime now) {
  if (!token.user_id) return {};
  auto user = store_.find_by_id(*token.user_id);
  if (!user) return failed(std::move(user).error());
  if (!*user || (settings_.check_user_is_active && !(*user)->is_active))
    return refuse_account(kNoAccount);
  if (!settings_.check_revoke_token ||
      token.fingerprint == crypto::password_fingerprint((*user)->password_hash)) {
    auto members = add_claims(token.copied, **user, "{" + token.copied + "}");
    if (!members) return pass_on(std::move(members));
    token.copied = *std::move(members);
    return {};
  }
  if (blacklist_ != nullptr)
    if (auto consumed = blacklist_->consume(token.issued(), nullptr, now); !consumed)
      return failed(std::move(consumed).error());
  return refuse_account(kPasswordChanged);
}

Outcome<TokenService::Minted> TokenService::mint(TokenType type, WallTime now,
                                                 std::string_view rest) {
  const auto jti = crypto::uuid4_hex();
  if (!jti) return failed(jti.error());
  milliseconds lifetime = settings_.access_lifetime;
  if (type == TokenType::Refresh) lifetime = settings_.refresh_lifetime;
  if (type == TokenType::Sliding) lifetime = settings_.sliding_lifetime;
  const int64_t exp = to_seconds(now + lifetime);
  auto text = sign({.type = type,
                    .exp = exp,
                    .iat = to_seconds(now),
                    .jti = {jti->data(), jti->size()},
                    .rest = rest});
  if (!text) return pass_on(std::move(text));
  return Minted{*std::move(text), *jti, exp};
}

Outcome<std::string> TokenService::sign(const jwt::NewToken& token) {
  const std::lock_guard lock(signing_);
  auto signed_token = signer_.sign(token);
  if (!signed_token) return failed(std::move(signed_token).error());
  return *std::move(signed_token);
}

}  // namespace tollgate::tokens
