// SPDX-License-Identifier: Apache-2.0
#include "auth/http/bearer_authenticator.h"

#include <algorithm>

#include "auth/crypto/password_hash.h"
#include "auth/http/answers.h"
#include "auth/http/identity.h"
#include "auth/http/same_origin.h"
#include "server/base/text.h"

namespace tollgate::auth {
namespace {

constexpr bool is_space(char c) { return c == ' ' || c == '\t'; }

// The next word of `text`, which loses it. Any white space separates, as in Python's split().
// Not find_first_of(" \t"): libstdc++ calls memchr for each character, and a token has hundreds.
std::string_view take_word(std::string_view& text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  const std::string_view word = text.substr(0, std::min(text.find(' '), text.find('\t')));
  text.remove_prefix(word.size());
  return word;
}

jwt::Policy gate_policy(const tokens::TokenSettings& settings) {
  jwt::Policy policy = tokens::token_policy(settings);
  policy.type = jwt::TokenType::Access;
  policy.user_id = jwt::UserIdRule::Required;
  return policy;
}

bool is_looked_up(const Authenticator& authenticator) {
  return authenticator.kind == Authenticator::Kind::Bearer ||
         authenticator.kind == Authenticator::Kind::Cookie;
}

// What other issuers write is what RFC 7519 has: no token_type, and a jti or none.
jwt::Policy policy_of(const Issuer& issuer) {
  jwt::Policy policy{.leeway = issuer.leeway,
                     .user_id = jwt::UserIdRule::Subject,
                     .needs_jti = false,
                     .takes_any_audience = false};
  if (!issuer.issuer.empty()) policy.issuer = issuer.issuer;
  if (!issuer.audience.empty()) policy.audience = issuer.audience;
  return policy;
}

}  // namespace

Credentials parse_authorization(std::span<const http::FieldView> fields) {
  const auto is_ours = [](const auto& field) { return iequals(field.name, "authorization"); };
  const auto ours = std::ranges::find_if(fields, is_ours);
  if (ours == fields.end() || ours->value.empty()) return {Credentials::Kind::None};
  std::string_view rest = ours->value;
  const std::string_view scheme = take_word(rest);
  if (!iequals(scheme, "bearer")) return {Credentials::Kind::None};
  const std::string_view token = take_word(rest);
  // Two fields are one list (RFC 9110 5.3), and a list is not two words.
  if (token.empty() || !take_word(rest).empty() || std::any_of(ours + 1, fields.end(), is_ours))
    return {Credentials::Kind::Malformed};
  return {Credentials::Kind::Bearer, token};
}

BearerAuthenticator::BearerAuthenticator(jwt::Verifier verifier, tokens::TokenSettings settings,
                                         UserCache* cache, users::UserStore* store,
                                         const Clock& clock, bool tell_errors)
    : verifier_(std::move(verifier)),
      settings_(std::move(settings)),
      cache_(cache),
      store_(store),
      clock_(clock),
      tell_errors_(tell_errors) {}

TokenRules BearerAuthenticator::rules(const Authenticator& authenticator) const {
  if (authenticator.issuer)
    return {.from = authenticator, .policy = policy_of(*authenticator.issuer)};
  TokenRules out{.from = authenticator, .policy = gate_policy(settings_)};
  if (authenticator.tokens == TokenClasses::AccessAndSliding)
    out.policy.or_type = jwt::TokenType::Sliding;
  return out;
}

http::Verdict BearerAuthenticator::authenticate(const TokenRules& rules, http::Exchange& exchange) {
  const http::RequestParts& request = exchange.request;
  if (rules.from.kind == Authenticator::Kind::Cookie) {
    const auto token = find_cookie(request.fields, rules.from.cookie_name);
    if (!token) return http::Pass{};
    if (const auto failure = csrf_failure(request)) return http::detail(403, *failure);
    return check(rules, *token, exchange);
  }
  const Credentials credentials = parse_authorization(request.fields);
  if (credentials.kind == Credentials::Kind::None) return http::Pass{};
  if (credentials.kind == Credentials::Kind::Malformed)
    return refused(bad_authorization_header(), "invalid_request",
                   "Authorization header must contain two space-delimited values");
  return check(rules, credentials.token, exchange);
}

http::Verdict BearerAuthenticator::check(const TokenRules& rules, std::string_view token,
                                         http::Exchange& exchange) {
  const jwt::Verified claims = verifier_.verify(token, rules.policy, clock_.wall());
  if (!claims)
    return refused(token_not_valid(claims.error(), rules.policy, settings_.compat), "invalid_token",
                   tokens::message(claims.error(), settings_.compat));
  exchange.request.identity.claims = exchange.arena.copy(claims->json);
  if (claims->sub) exchange.request.identity.subject = exchange.arena.copy(*claims->sub);
  if (is_looked_up(rules.from)) return find_user(*claims, exchange);
  // user_id and is_staff are words of ours: what another issuer says by them makes nobody a user.
  if (rules.from.issuer)
    exchange.request.identity.authenticated = true;
  else
    fill_from_claims(*claims, exchange);
  return http::Pass{};
}

http::Verdict BearerAuthenticator::find_user(const jwt::Claims& claims, http::Exchange& exchange) {
  const int64_t id = *claims.user_id.value;  // the policy requires it
  const UserCache::Found found = cache_->find(id, clock_.steady());
  const std::string_view fingerprint = claims.fingerprint.value.value_or("");
  if (found.user) return admit(*found.user, fingerprint, exchange);
  return http::Pending{
      [this, &exchange, id, epoch = found.epoch, fingerprint = std::string(fingerprint)] {
        return look_up(exchange, id, epoch, fingerprint);
      }};
}

// On the look-up thread.
http::Verdict BearerAuthenticator::look_up(http::Exchange& exchange, int64_t id, uint64_t epoch,
                                           const std::string& fingerprint) {
  auto found = store_->find_by_id(id);
  if (!found) return http::error_response(found.error());
  if (!*found) return refused(user_not_found(), "invalid_token", "User not found");
  auto user = std::make_shared<const users::User>(**std::move(found));
  cache_->put(user, epoch);
  return admit(*user, fingerprint, exchange);
}

// Fills the identity, or says why this user may not come in.
http::Verdict BearerAuthenticator::admit(const users::User& user, std::string_view fingerprint,
                                         http::Exchange& exchange) const {
  if (settings_.check_user_is_active && !user.is_active)
    return refused(user_inactive(), "invalid_token", "User is inactive");
  if (settings_.check_revoke_token &&
      fingerprint != crypto::password_fingerprint(user.password_hash))
    return refused(password_changed(), "invalid_token", "The user's password has been changed.");
  fill_identity(user, exchange);
  return http::Pass{};
}

// RFC 6750 3: why, for clients that read no body.
http::Response BearerAuthenticator::refused(http::Response answer, std::string_view error,
                                            std::string_view description) const {
  if (tell_errors_)
    answer.set_header("WWW-Authenticate", R"(Bearer realm="api", error=")" + std::string(error) +
                                              R"(", error_description=")" +
                                              std::string(description) + '"');
  return answer;
}

}  // namespace tollgate::auth
