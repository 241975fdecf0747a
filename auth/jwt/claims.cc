// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/claims.h"

namespace tollgate::jwt {

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
