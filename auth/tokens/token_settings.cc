// SPDX-License-Identifier: Apache-2.0
#include "auth/tokens/token_settings.h"

#include <optional>
#include <utility>

#include "auth/crypto/password_hash.h"
#include "server/base/text.h"

namespace tollgate::tokens {
namespace {

UserIdType user_id_type(const Config& config) {
  if (config.user_id_type != UserIdType::Auto) return config.user_id_type;
  const bool integer = config.compat == Compat::V52 && config.user_id_claim != "sub";
  return integer ? UserIdType::Integer : UserIdType::String;
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  append_json_quoted(out, name);
  out += ':';
  append_json_quoted(out, value);
}

std::optional<std::string> if_set(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace

TokenSettings token_settings(const Config& config) {
  return TokenSettings{.access_lifetime = config.access_token_lifetime,
                       .refresh_lifetime = config.refresh_token_lifetime,
                       .sliding_lifetime = config.sliding_token_lifetime,
                       .sliding_refresh_lifetime = config.sliding_token_refresh_lifetime,
                       .leeway = config.leeway,
                       .user_id_type = user_id_type(config),
                       .audience = config.audience,
                       .issuer = config.issuer,
                       .names = {.user_id = config.user_id_claim,
                                 .refresh_exp = config.sliding_token_refresh_exp_claim,
                                 .fingerprint = config.revoke_token_claim},
                       .rotate = config.rotate_refresh_tokens,
                       .blacklist_after_rotation = config.blacklist_after_rotation,
                       .update_last_login = config.update_last_login,
                       .check_user_is_active = config.check_user_is_active,
                       .check_revoke_token = config.check_revoke_token,
                       .write_at_jwt = config.write_at_jwt,
                       .compat = config.compat};
}

jwt::Policy token_policy(const TokenSettings& settings) {
  return jwt::Policy{.leeway = settings.leeway,
                     .type = std::nullopt,
                     .user_id = jwt::UserIdRule::Ignored,
                     .issuer = if_set(settings.issuer),
                     .audience = if_set(settings.audience)};
}

std::string user_members(const TokenSettings& settings, const users::User& user) {
  std::string out;
  append_json_quoted(out, settings.names.user_id);
  out += ':';
  const std::string id = std::to_string(user.id);
  out += settings.user_id_type == UserIdType::Integer ? id : json_quote(id);
  if (settings.check_revoke_token) {
    out += ',';
    append_member(out, settings.names.fingerprint,
                  crypto::password_fingerprint(user.password_hash));
  }
  return out;
}

std::string closing_members(const TokenSettings& settings) {
  std::string out;
  for (const auto& [name, value] :
       {std::pair<std::string_view, std::string_view>{"aud", settings.audience},
        {"iss", settings.issuer}}) {
    if (value.empty()) continue;
    out += ',';
    append_member(out, name, value);
  }
  return out;
}

std::string_view message(jwt::Refusal refusal, Compat compat) {
  const bool either = refusal == jwt::Refusal::Invalid || refusal == jwt::Refusal::Expired;
  return either && compat == Compat::V52 ? "Token is invalid or expired" : jwt::message(refusal);
}

}  // namespace tollgate::tokens
