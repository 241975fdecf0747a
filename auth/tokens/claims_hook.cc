// SPDX-License-Identifier: Apache-2.0
#include "auth/tokens/claims_hook.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace tollgate::tokens {
namespace {

using Json = nlohmann::ordered_json;

// What decides whether and for whom a token holds.
bool is_reserved(const std::string& name, const std::vector<std::string>& reserved) {
  constexpr std::array<std::string_view, 8> kReserved = {"token_type", "exp", "iat", "nbf",
                                                         "jti",        "aud", "iss", "sub"};
  return std::ranges::find(kReserved, name) != kReserved.end() ||
         std::ranges::find(reserved, name) != reserved.end();
}

}  // namespace

Result<std::string> merge_claims(std::string_view members, std::string_view object,
                                 const std::vector<std::string>& reserved) {
  constexpr bool kNoExceptions = false;
  const Json added = Json::parse(object, nullptr, kNoExceptions);
  Json all = Json::parse("{" + std::string(members) + "}", nullptr, kNoExceptions);
  if (!added.is_object() || !all.is_object())
    return fail(Errc::Internal, "the claims hook gave no JSON object");
  for (const auto& [name, value] : added.items()) {
    if (is_reserved(name, reserved))
      return fail(Errc::Internal, "the claims hook gave \"" + name + "\", which is reserved");
    all[name] = value;
  }
  std::string text = all.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.substr(1, text.size() - 2);
}

}  // namespace tollgate::tokens
