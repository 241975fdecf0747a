// SPDX-License-Identifier: Apache-2.0
#include "auth/http/token_endpoints.h"

#include <array>

#include "auth/http/answers.h"
#include "auth/http/fields.h"
#include "server/base/text.h"

namespace tollgate::auth {
namespace {

using http::Response;

// RFC 6749 5.1: what carries a token is not to be kept by caches. simplejwt leaves it out.
Response with_token(std::string body) {
  return http::json_text(std::move(body)).set_header("Cache-Control", "no-store");
}

Response rejected(const tokens::Rejection& rejection) {
  using Reason = tokens::Rejection::Reason;
  switch (rejection.reason) {
    case Reason::TokenNotValid:
      return unauthorized(rejection.error.message, "token_not_valid");
    case Reason::NoActiveAccount:
      return unauthorized(rejection.error.message);
    case Reason::Failed:
      break;
  }
  return http::error_response(rejection.error);
}

}  // namespace

http::Handler obtain_endpoint(tokens::TokenService& service, const Clock& clock) {
  return [&service, &clock](const http::Request& request) -> Response {
    static constexpr std::array<std::string_view, 2> kFields = {"username", "password"};
    auto fields = read_char_fields(request, kFields);
    if (!fields) return std::move(fields).error();
    const auto user = service.authenticate((*fields)[0], (*fields)[1]);
    if (!user) return rejected(user.error());
    const auto pair = service.obtain(*user, clock.wall());
    if (!pair) return rejected(pair.error());
    return with_token(R"({"refresh":")" + pair->refresh + R"(","access":")" + pair->access + "\"}");
  };
}

http::Handler refresh_endpoint(tokens::TokenService& service, const Clock& clock) {
  return [&service, &clock](const http::Request& request) -> Response {
    static constexpr std::array<std::string_view, 1> kFields = {"refresh"};
    auto fields = read_char_fields(request, kFields);
    if (!fields) return std::move(fields).error();
    const auto access = service.refresh(fields->front(), clock.wall());
    if (!access) return rejected(access.error());
    return with_token(R"({"access":")" + *access + "\"}");
  };
}

http::Handler verify_endpoint(tokens::TokenService& service, const Clock& clock) {
  return [&service, &clock](const http::Request& request) -> Response {
    static constexpr std::array<std::string_view, 1> kFields = {"token"};
    auto fields = read_char_fields(request, kFields);
    if (!fields) return std::move(fields).error();
    const auto verified = service.verify(fields->front(), clock.wall());
    if (!verified) return rejected(verified.error());
    return http::json_text("{}");
  };
}

}  // namespace tollgate::auth
