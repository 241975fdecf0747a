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
    case Reason::Blacklisted:
      return http::json_text("{\"non_field_errors\":[" + json_quote(rejection.error.message) + "]}",
                             400);
    case Reason::Failed:
      break;
  }
  return http::error_response(rejection.error);
}

tl::expected<users::User, Response> log_in(tokens::TokenService& service,
                                           const http::Request& request) {
  static constexpr std::array<std::string_view, 2> kFields = {"username", "password"};
  auto fields = read_char_fields(request, kFields);
  if (!fields) return tl::unexpected(std::move(fields).error());
  auto user = service.authenticate((*fields)[0], (*fields)[1]);
  if (!user) return tl::unexpected(rejected(user.error()));
  return *std::move(user);
}

// A handler of bodies with one field, which is what `answer` is asked about.
template <class F>
http::Handler with_field(std::string_view name, F answer) {
  return [name, answer](const http::Request& request) -> Response {
    const auto fields = read_char_fields(request, {&name, 1});
    if (!fields) return fields.error();
    return answer(fields->front());
  };
}

}  // namespace

http::Handler obtain_endpoint(tokens::TokenService& service, const Clock& clock) {
  return [&service, &clock](const http::Request& request) -> Response {
    const auto user = log_in(service, request);
    if (!user) return user.error();
    const auto pair = service.obtain(*user, clock.wall());
    if (!pair) return rejected(pair.error());
    return with_token(R"({"refresh":")" + pair->refresh + R"(","access":")" + pair->access + "\"}");
  };
}

http::Handler sliding_obtain_endpoint(tokens::TokenService& service, const Clock& clock) {
  return [&service, &clock](const http::Request& request) -> Response {
    const auto user = log_in(service, request);
    if (!user) return user.error();
    const auto token = service.obtain_sliding(*user, clock.wall());
    if (!token) return rejected(token.error());
    return with_token(R"({"token":")" + *token + "\"}");
  };
}

http::Handler refresh_endpoint(tokens::TokenService& service, const Clock& clock) {
  return with_field("refresh", [&service, &clock](std::string_view token) {
    const auto refreshed = service.refresh(token, clock.wall());
    if (!refreshed) return rejected(refreshed.error());
    std::string body = R"({"access":")" + refreshed->access;
    if (refreshed->refresh) body += R"(","refresh":")" + *refreshed->refresh;
    return with_token(body + "\"}");
  });
}

http::Handler sliding_refresh_endpoint(tokens::TokenService& service, const Clock& clock) {
  return with_field("token", [&service, &clock](std::string_view token) {
    const auto refreshed = service.refresh_sliding(token, clock.wall());
    if (!refreshed) return rejected(refreshed.error());
    return with_token(R"({"token":")" + *refreshed + "\"}");
  });
}

http::Handler verify_endpoint(tokens::TokenService& service, const Clock& clock) {
  return with_field("token", [&service, &clock](std::string_view token) {
    const auto verified = service.verify(token, clock.wall());
    if (!verified) return rejected(verified.error());
    return http::json_text("{}");
  });
}

http::Handler blacklist_endpoint(tokens::TokenService& service, const Clock& clock) {
  return with_field("refresh", [&service, &clock](std::string_view token) {
    const auto blacklisted = service.blacklist(token, clock.wall());
    if (!blacklisted) return rejected(blacklisted.error());
    return http::json_text("{}");
  });
}

}  // namespace tollgate::auth
