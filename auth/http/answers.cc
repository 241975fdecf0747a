// SPDX-License-Identifier: Apache-2.0
#include "auth/http/answers.h"

#include <string>

#include "server/base/text.h"

namespace tollgate::auth {
namespace {

http::Response challenge(std::string body) {
  return http::json_text(std::move(body), 401)
      .set_header("WWW-Authenticate", R"(Bearer realm="api")");
}

// simplejwt names its class of such tokens.
std::string message_of(jwt::TokenType type, std::string_view message) {
  std::string name(to_string(type));
  std::string token_class = name + "Token";
  token_class.front() = static_cast<char>(token_class.front() - 'a' + 'A');
  return "{\"token_class\":\"" + token_class + "\",\"token_type\":\"" + name +
         "\",\"message\":" + json_quote(message) + "}";
}

}  // namespace

http::Response unauthorized(std::string_view detail) {
  return challenge("{\"detail\":" + json_quote(detail) + "}");
}

http::Response unauthorized(std::string_view detail, std::string_view code) {
  return challenge("{\"detail\":" + json_quote(detail) + ",\"code\":" + json_quote(code) + "}");
}

http::Response not_authenticated() {
  return unauthorized("Authentication credentials were not provided.");
}

http::Response bad_authorization_header() {
  return unauthorized("Authorization header must contain two space-delimited values",
                      "bad_authorization_header");
}

http::Response token_not_valid(jwt::Refusal refusal, const jwt::Policy& policy, Compat compat) {
  if (refusal == jwt::Refusal::NoUserId)
    return unauthorized("Token contained no recognizable user identification", "token_not_valid");
  if (refusal == jwt::Refusal::UnknownUserId) return user_not_found();
  const std::string_view message = tokens::message(refusal, compat);
  std::string messages = message_of(policy.type.value_or(jwt::TokenType::Access), message);
  if (policy.or_type) messages += "," + message_of(*policy.or_type, message);
  return challenge(
      R"({"detail":"Given token not valid for any token type","code":"token_not_valid",)"
      R"("messages":[)" +
      messages + "]}");
}

http::Response user_not_found() { return unauthorized("User not found", "user_not_found"); }

http::Response user_inactive() { return unauthorized("User is inactive", "user_inactive"); }

http::Response password_changed() {
  return unauthorized("The user's password has been changed.", "password_changed");
}

http::Response permission_denied(const Denial& denial) {
  if (denial.code.empty()) return http::detail(403, denial.message);
  return http::json_text(
      "{\"detail\":" + json_quote(denial.message) + ",\"code\":" + json_quote(denial.code) + "}",
      403);
}

}  // namespace tollgate::auth
