// What a token must say to be accepted, and why it was not (pure).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/jwt/claims.h"
#include "server/base/clock.h"
#include "server/base/units.h"

namespace tollgate::jwt {

// How a token's user_id is looked at. It is an integer or its decimal text.
enum class UserIdRule : uint8_t {
  Required,   // must be there and somebody's: the gate
  IfPresent,  // if there, must be somebody's: refresh (simplejwt refreshes a token without one)
  Ignored,    // verify
  Subject,    // not looked at; but "sub" must be there: the tokens of another issuer
};

struct Policy {
  milliseconds leeway = 0ms;              // clocks may differ by this much, for exp, iat and nbf
  std::optional<TokenType> type;          // nullopt: any, and none
  std::optional<TokenType> or_type = {};  // does as well, where there is a `type`
  UserIdRule user_id = UserIdRule::Required;
  bool needs_jti = true;
  std::optional<std::string> issuer;    // nullopt: iss is not looked at
  std::optional<std::string> audience;  // nullopt: see the next
  bool takes_any_audience = true;       // where `audience` is none: else a token may have none
};

enum class Refusal : uint8_t {
  Invalid,
  Expired,
  WrongType,
  NoId,
  NoType,
  NoExp,
  NoUserId,       // there is no claim with the user's id
  UnknownUserId,  // there is one, which can be nobody's: null, text, 2^70
};

// simplejwt's sentence: "Token is expired".
std::string_view message(Refusal refusal);

// The first rule that the claims break, in PyJWT's and then simplejwt's order;
// nullopt: none. Call it only with claims whose signature held: "expired" is
// told to nobody else.
std::optional<Refusal> check(const Claims& claims, const Policy& policy, WallTime now);

}  // namespace tollgate::jwt
