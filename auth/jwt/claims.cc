// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/claims.h"

namespace tollgate::jwt {

std::string_view to_string(TokenType type) {
  return type == TokenType::Access ? "access" : "refresh";
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

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out.append("\\u00");
      out += kDigits[byte >> 4];
      out += kDigits[byte & 0x0F];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace tollgate::jwt
