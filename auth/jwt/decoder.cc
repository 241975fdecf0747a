// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/decoder.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "auth/crypto/base64url.h"
#include "auth/jwt/strict_json.h"
#include "server/base/text.h"

namespace tollgate::jwt {
namespace {

using simdjson::dom::element;

std::optional<std::string_view> as_string(const element& value) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

// NumericDate (RFC 7519 2): a number, fractions cut off as PyJWT does. What is
// after the year 9999 is a mistake; what is before 1970 is merely past. `true` is
// no number here, though it is 1 in Python.
std::optional<int64_t> as_date(const element& value) {
  constexpr auto kLatest = static_cast<double>(kLatestDate);
  double seconds = 0;
  if (value.get(seconds) != simdjson::SUCCESS || !(seconds <= kLatest)) return std::nullopt;
  return static_cast<int64_t>(std::trunc(std::max(seconds, -1.0)));
}

// Django's primary keys: 1 up to simplejwt 5.5.0, "1" since.
std::optional<int64_t> as_user_id(const element& value) {
  int64_t id = -1;
  if (value.is_int64() && value.get(id) == simdjson::SUCCESS && id >= 0) return id;
  const auto digits = as_string(value);
  if (!digits || digits->empty() || digits->size() > 19 || !std::ranges::all_of(*digits, is_digit))
    return std::nullopt;
  const auto number = parse_uint(*digits, INT64_MAX);
  if (!number) return std::nullopt;
  return static_cast<int64_t>(*number);
}

std::optional<std::vector<std::string_view>> as_audience(const element& value) {
  if (const auto one = as_string(value)) return std::vector{*one};
  simdjson::dom::array items;
  if (value.get(items) != simdjson::SUCCESS) return std::nullopt;
  std::vector<std::string_view> all;
  for (const element item : items) {
    const auto one = as_string(item);
    if (!one) return std::nullopt;
    all.push_back(*one);
  }
  return all;
}

bool is_true(const element& value) {
  bool is = false;
  return value.get(is) == simdjson::SUCCESS && is;
}

// Sets the claim that `name` stands for. False: a type that makes the token invalid.
bool read_claim(Claims& claims, std::string_view name, const element& value,
                const ClaimNames& names) {
  if (name == "exp") {
    // Python reads true as 1, and simplejwt says "expired": so do we.
    claims.exp = value.is_bool() ? std::optional<int64_t>(1) : as_date(value);
    return claims.exp.has_value();
  }
  if (name == "iat") return (claims.iat = as_date(value)).has_value();
  if (name == "nbf") return (claims.nbf = as_date(value)).has_value();
  if (name == "jti") return (claims.jti = as_string(value)).has_value();
  if (name == "sub" && !(claims.sub = as_string(value))) return false;
  if (name == "token_type") claims.token_type = {true, as_string(value)};
  if (name == names.user_id) claims.user_id = {true, as_user_id(value)};
  if (name == names.refresh_exp) claims.refresh_exp = {true, as_date(value)};
  if (name == names.fingerprint) claims.fingerprint = {true, as_string(value)};
  if (name == "username") claims.username = {true, as_string(value)};
  if (name == "is_staff") claims.is_staff = is_true(value);
  if (name == "is_superuser") claims.is_superuser = is_true(value);
  if (name == "iss") claims.iss = {true, as_string(value)};
  if (name == "aud") claims.aud = {true, as_audience(value)};
  return true;
}

}  // namespace

std::optional<Parts> split_token(std::string_view token) {
  if (token.size() > kMaxToken) return std::nullopt;
  const auto first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const Parts parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                    token.substr(second + 1), token.substr(0, second)};
  if (parts.header.empty() || parts.payload.empty() || parts.signature.empty()) return std::nullopt;
  if (parts.signature.find('.') != std::string_view::npos) return std::nullopt;
  return parts;
}

struct Decoder::State {
  StrictJson json{crypto::base64url_octets(kMaxToken)};
};

Decoder::Decoder() : state_(std::make_unique<State>()) {}
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;
Decoder::~Decoder() = default;

std::optional<Header> Decoder::header(std::string_view part) {
  const auto json = state_->json.decode(part);
  if (!json || json->size() > kMaxHeader) return std::nullopt;
  const auto members = state_->json.parse(kMaxHeaderDepth);
  if (!members) return std::nullopt;

  std::optional<std::string_view> algorithm;
  std::optional<std::string_view> key_id;
  std::optional<std::string_view> type;
  for (const auto member : *members) {
    if (member.key == "crit" || member.key == "b64") return std::nullopt;
    if (member.key == "alg") algorithm = as_string(member.value);
    if (member.key == "typ") type = as_string(member.value);
    if (member.key == "kid" && !(key_id = as_string(member.value))) return std::nullopt;
  }
  if (!algorithm) return std::nullopt;
  return Header{*algorithm, key_id, type};
}

std::optional<Claims> Decoder::claims(std::string_view part, const ClaimNames& names) {
  const auto json = state_->json.decode(part);
  if (!json) return std::nullopt;
  const auto members = state_->json.parse(kMaxPayloadDepth);
  if (!members) return std::nullopt;

  Claims claims;
  for (const auto member : *members)
    if (!read_claim(claims, member.key, member.value, names)) return std::nullopt;
  claims.json = *json;
  return claims;
}

std::string Decoder::copyable_claims(const Claims& claims,
                                     std::span<const std::string_view> except) {
  constexpr std::array<std::string_view, 4> kOwn = {"token_type", "exp", "iat", "jti"};
  std::string out;
  const std::string json(claims.json);  // which may be a view of what load() overwrites
  const auto members =
      state_->json.load(json) ? state_->json.parse(kMaxPayloadDepth) : std::nullopt;
  if (!members) return out;
  for (const auto member : *members) {
    if (std::ranges::find(kOwn, member.key) != kOwn.end()) continue;
    if (std::ranges::find(except, member.key) != except.end()) continue;
    if (!out.empty()) out += ',';
    append_json_quoted(out, member.key);
    out += ':';
    out += simdjson::minify(member.value);
  }
  return out;
}

}  // namespace tollgate::jwt
