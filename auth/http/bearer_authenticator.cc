// SPDX-License-Identifier: Apache-2.0
#include "auth/http/bearer_authenticator.h"

#include <algorithm>

#include "auth/crypto/password_hash.h"
#include "auth/http/answers.h"
#include "server/base/text.h"

namespace tollgate::auth {
namespace {

constexpr bool is_space(char c) { return c == ' ' || c == '\t'; }

// The next word of `text`, which loses it. Any white space separates, as in Python's split().
// Not find_first_of(" \t"): libstdc++ calls memchr for each character, and a token has hundreds.
std::string_view take_word(std::string_view& text) {
  const auto* const begin = std::ranges::find_if_not(text, is_space);
  const auto* const end = std::find_if(begin, text.end(), is_space);
  text = {end, text.end()};
  return {begin, end};
}

jwt::Policy gate_policy(const tokens::TokenSettings& settings) {
  jwt::Policy policy = tokens::token_policy(settings);
  policy.type = jwt::TokenType::Access;
  policy.user_id = jwt::UserIdRule::Required;
  return policy;
}

}  // namespace

Credentials parse_authorization(std::span<const http::FieldView> fields) {
  const auto value = http::find_field(fields, "authorization");
  if (!value || value->empty()) return {Credentials::Kind::None};
  std::string_view rest = *value;
  const std::string_view scheme = take_word(rest);
  if (!iequals(scheme, "bearer")) return {Credentials::Kind::None};
  const std::string_view token = take_word(rest);
  // Two fields are one list (RFC 9110 5.3), and a list is not two words.
  if (token.empty() || !take_word(rest).empty() || http::count_fields(fields, "authorization") > 1)
    return {Credentials::Kind::Malformed};
  return {Credentials::Kind::Bearer, token};
}

BearerAuthenticator::BearerAuthenticator(jwt::Verifier verifier, tokens::TokenSettings settings,
                                         UserCache& cache, users::UserStore& store,
                                         const Clock& clock)
    : verifier_(std::move(verifier)),
      settings_(std::move(settings)),
      policy_(gate_policy(settings_)),
      cache_(cache),
      store_(store),
      clock_(clock) {}

http::Verdict BearerAuthenticator::authenticate(http::Exchange& exchange) {
  const Credentials credentials = parse_authorization(exchange.request.fields);
  if (credentials.kind == Credentials::Kind::None) return http::Pass{};
  if (credentials.kind == Credentials::Kind::Malformed) return bad_authorization_header();
  const jwt::Verified claims = verifier_.verify(credentials.token, policy_, clock_.wall());
  if (!claims) return token_not_valid(claims.error(), policy_, settings_.compat);

  exchange.request.identity.claims = exchange.arena.copy(claims->json);
  const int64_t id = *claims->user_id.value;  // the policy requires it
  const UserCache::Found found = cache_.find(id, clock_.steady());
  const std::string_view fingerprint = claims->fingerprint.value.value_or("");
  if (found.user) return admit(*found.user, fingerprint, exchange);
  return http::Pending{
      [this, &exchange, id, epoch = found.epoch, fingerprint = std::string(fingerprint)] {
        return look_up(exchange, id, epoch, fingerprint);
      }};
}

// On the look-up thread.
http::Verdict BearerAuthenticator::look_up(http::Exchange& exchange, int64_t id, uint64_t epoch,
                                           const std::string& fingerprint) {
  auto found = store_.find_by_id(id);
  if (!found) return http::error_response(found.error());
  if (!*found) return user_not_found();
  auto user = std::make_shared<const users::User>(**std::move(found));
  cache_.put(user, epoch);
  return admit(*user, fingerprint, exchange);
}

// Fills the identity, or says why this user may not come in.
http::Verdict BearerAuthenticator::admit(const users::User& user, std::string_view fingerprint,
                                         http::Exchange& exchange) const {
  if (settings_.check_user_is_active && !user.is_active) return user_inactive();
  if (settings_.check_revoke_token &&
      fingerprint != crypto::password_fingerprint(user.password_hash))
    return password_changed();
  http::Identity& identity = exchange.request.identity;
  identity.authenticated = true;
  identity.id = user.id;
  identity.name = exchange.arena.copy(user.username);
  identity.is_staff = user.is_staff;
  identity.is_superuser = user.is_superuser;
  return http::Pass{};
}

}  // namespace tollgate::auth
