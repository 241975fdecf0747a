// What tokens are like, from the settings; and what a received one must be (pure).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/jwt/policy.h"
#include "auth/users/user.h"
#include "server/base/units.h"
#include "server/config/config.h"

namespace tollgate::tokens {

struct TokenSettings {
  milliseconds access_lifetime = 5min;
  milliseconds refresh_lifetime = 24h;
  milliseconds sliding_lifetime = 5min;
  milliseconds sliding_refresh_lifetime = 24h;
  milliseconds leeway = 0s;
  UserIdType user_id_type = UserIdType::String;
  std::string audience = {};  // empty: none
  std::string issuer = {};
  jwt::ClaimNames names = {};
  bool rotate = false;
  bool blacklist_after_rotation = false;  // with a Blacklist only
  bool update_last_login = false;
  bool check_user_is_active = true;
  bool check_revoke_token = false;
  bool write_at_jwt = false;
  Compat compat = Compat::Newest;
};
TokenSettings token_settings(const Config& config);

// Of a token of any type, whose user is not looked at: the rest is the caller's.
jwt::Policy token_policy(const TokenSettings& settings);

// The members that a token for this user has behind its jti: `"user_id":"1"`.
std::string user_members(const TokenSettings& settings, const users::User& user);
// What every token ends with: aud and iss, each with a comma ahead; or nothing.
std::string closing_members(const TokenSettings& settings);

// simplejwt's sentence. Before 5.5 it was one for tokens that are invalid and that are expired.
std::string_view message(jwt::Refusal refusal, Compat compat);

}  // namespace tollgate::tokens
