// What an application adds to the tokens of a user (simplejwt: get_token() of a serializer).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/result.h"

namespace tollgate::tokens {

// Whose tokens they are to be. Views live as long as the call.
struct ClaimsFor {
  int64_t id;
  std::string_view username;
  bool is_staff;
  bool is_superuser;
  // The payload's own members of the token that is exchanged, as a JSON object; empty at a login.
  std::string_view previous;
};

// Gives a JSON object, whose members go into the tokens. Asked at a login and at each refresh, on
// the thread that makes the tokens, which may be one of several; it may block.
using ClaimsHook = std::function<Result<std::string>(const ClaimsFor&)>;

// `members` (JSON members without braces) with those of `object`, a JSON object, which take the
// place of members of their names. Errors: Internal, with a sentence: `object` is none, or has a
// claim that is not the application's: one of RFC 7519, of simplejwt, or in `reserved`.
Result<std::string> merge_claims(std::string_view members, std::string_view object,
                                 const std::vector<std::string>& reserved);

}  // namespace tollgate::tokens
