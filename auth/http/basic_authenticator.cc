// SPDX-License-Identifier: Apache-2.0
#include "auth/http/basic_authenticator.h"

#include <algorithm>

#include "auth/crypto/base64url.h"
#include "auth/http/answers.h"
#include "auth/http/identity.h"
#include "server/base/text.h"

namespace tollgate::auth {
namespace {

// The standard alphabet, with its padding; nullopt: it is not that.
std::optional<std::string> decode_base64(std::string text) {
  if (text.size() % 4 != 0 || text.find_first_of("-_") != std::string::npos) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  std::string out(crypto::base64url_octets(text.size()), '\0');
  const auto size =
      crypto::base64url_decode(text, {reinterpret_cast<uint8_t*>(out.data()), out.size()});
  if (!size) return std::nullopt;
  out.resize(*size);
  return out;
}

}  // namespace

tl::expected<NameAndPassword, std::string_view> parse_basic(std::string_view credentials) {
  using Fail = tl::unexpected<std::string_view>;
  credentials = trim(credentials);
  if (credentials.empty()) return Fail("Invalid basic header. No credentials provided.");
  if (credentials.find_first_of(" \t") != std::string_view::npos)
    return Fail("Invalid basic header. Credentials string should not contain spaces.");
  auto text = decode_base64(std::string(credentials));
  if (!text) return Fail("Invalid basic header. Credentials not correctly base64 encoded.");
  const auto colon = std::min(text->find(':'), text->size());  // a name has none (RFC 7617 2)
  return NameAndPassword{text->substr(0, colon), text->substr(std::min(colon + 1, text->size()))};
}

http::Verdict BasicAuthenticator::authenticate(http::Exchange& exchange) {
  const auto value = http::find_field(exchange.request.fields, "authorization").value_or("");
  constexpr std::string_view kScheme = "basic";
  if (!iequals(value.substr(0, kScheme.size()), kScheme)) return http::Pass{};
  const std::string_view rest = value.substr(kScheme.size());
  if (!rest.empty() && rest.front() != ' ' && rest.front() != '\t') return http::Pass{};
  auto who = parse_basic(rest);
  if (!who) return unauthorized(who.error());
  return http::Pending{
      .look_up = [this, who = *std::move(who), &exchange] { return log_in(who, exchange); },
      .hashes_password = true};
}

// On the pool of passwords.
http::Verdict BasicAuthenticator::log_in(const NameAndPassword& who, http::Exchange& exchange) {
  const auto user = service_.authenticate(who.name, who.password);
  if (user) {
    fill_identity(*user, exchange);
    return http::Pass{};
  }
  if (user.error().reason == tokens::Rejection::Reason::Failed)
    return http::error_response(user.error().error);
  return unauthorized("Invalid username/password.");
}

}  // namespace tollgate::auth
