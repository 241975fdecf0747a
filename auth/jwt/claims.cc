// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/claims.h"

namespace tollgate::jwt {
namespace {

// All that a Claims points to. It names every member, so that a new one does not compile until
// somebody has thought of it here.
template <class Each>
void for_each_view(Claims& claims, Each each) {
  auto& [exp, iat, nbf, jti, sub, token_type, user_id, refresh_exp, fingerprint, username, is_staff,
         is_superuser, iss, aud, json] = claims;
  for (auto* const text :
       {&jti, &sub, &token_type.value, &fingerprint.value, &username.value, &iss.value})
    if (*text) each(**text);
  if (aud.value)
    for (std::string_view& one : *aud.value) each(one);
  each(json);
}

}  // namespace

std::string_view to_string(TokenType type) {
  switch (type) {
    case TokenType::Access:
      return "access";
    case TokenType::Refresh:
      return "refresh";
    case TokenType::Sliding:
      break;
  }
  return "sliding";
}

OwnedClaims::OwnedClaims(const Claims& claims) : claims_(claims) {
  std::size_t size = 0;
  for_each_view(claims_, [&size](std::string_view view) { size += view.size(); });
  texts_.reserve(size);
  for_each_view(claims_, [this](std::string_view& view) {
    const std::size_t at = texts_.size();
    texts_.append(view);
    view = {texts_.data() + at, view.size()};
  });
}

std::string to_json(const NewToken& token) {
  std::string json;
  json.reserve(128 + token.rest.size());
  json.append("{\"token_type\":\"").append(to_string(token.type));
  json.append("\",\"exp\":").append(std::to_string(token.exp));
  json.append(",\"iat\":").append(std::to_string(token.iat));
  json.append(",\"jti\":\"").append(token.jti).append("\"");
  if (!token.rest.empty()) json.append(",").append(token.rest);
  json.append("}");
  return json;
}

}  // namespace tollgate::jwt
