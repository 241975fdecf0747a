// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/policy.h"

#include <algorithm>
#include <array>

namespace tollgate::jwt {
namespace {

struct MessageRow {
  Refusal refusal;
  std::string_view message;
};
constexpr std::array kMessages = {
    MessageRow{Refusal::Invalid, "Token is invalid"},
    MessageRow{Refusal::Expired, "Token is expired"},
    MessageRow{Refusal::WrongType, "Token has wrong type"},
    MessageRow{Refusal::NoId, "Token has no id"},
    MessageRow{Refusal::NoType, "Token has no type"},
    MessageRow{Refusal::NoExp, "Token has no 'exp' claim"},
    MessageRow{Refusal::NoUserId, "Token contained no recognizable user identification"},
    MessageRow{Refusal::UnknownUserId, "User not found"},
};

// Milliseconds: the nanoseconds of a WallTime end in the year 2262, dates of tokens do not.
milliseconds since_1970(WallTime time) {
  return std::chrono::floor<milliseconds>(time.time_since_epoch());
}

bool ahead(std::optional<int64_t> date, milliseconds latest) {
  return date && std::chrono::seconds(*date) > latest;
}

bool is_for(const Claims& claims, const Policy& policy) {
  if (policy.issuer && claims.iss.value != *policy.issuer) return false;
  if (!policy.audience) return policy.takes_any_audience || !claims.aud.present;
  const auto& aud = claims.aud.value;
  return aud && std::ranges::find(*aud, *policy.audience) != aud->end();
}

std::optional<Refusal> check_type(const Claims& claims, const Policy& policy) {
  if (!policy.type) return std::nullopt;
  if (!claims.token_type.present) return Refusal::NoType;
  const auto is = [&claims](std::optional<TokenType> type) {
    return type && claims.token_type.value == to_string(*type);
  };
  if (!is(policy.type) && !is(policy.or_type)) return Refusal::WrongType;
  return std::nullopt;
}

std::optional<Refusal> check_user(const Claims& claims, UserIdRule rule) {
  if (rule == UserIdRule::Subject)
    return claims.sub && !claims.sub->empty() ? std::nullopt : std::optional(Refusal::NoUserId);
  if (rule == UserIdRule::Ignored || claims.user_id.value) return std::nullopt;
  if (claims.user_id.present) return Refusal::UnknownUserId;
  if (rule == UserIdRule::IfPresent) return std::nullopt;
  return Refusal::NoUserId;
}

}  // namespace

std::string_view message(Refusal refusal) {
  return std::ranges::find(kMessages, refusal, &MessageRow::refusal)->message;
}

std::optional<Refusal> check(const Claims& claims, const Policy& policy, WallTime now) {
  const milliseconds time = since_1970(now);
  if (ahead(claims.iat, time + policy.leeway)) return Refusal::Invalid;
  if (ahead(claims.nbf, time + policy.leeway)) return Refusal::Invalid;
  // The second that exp names is already too late, in PyJWT as in RFC 7519 4.1.4.
  if (claims.exp && std::chrono::seconds(*claims.exp) <= time - policy.leeway)
    return Refusal::Expired;
  if (!is_for(claims, policy)) return Refusal::Invalid;
  if (!claims.exp) return Refusal::NoExp;
  if (policy.needs_jti && (!claims.jti || claims.jti->empty())) return Refusal::NoId;
  if (const auto refusal = check_type(claims, policy)) return refusal;
  return check_user(claims, policy.user_id);
}

}  // namespace tollgate::jwt
