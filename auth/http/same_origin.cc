// SPDX-License-Identifier: Apache-2.0
#include "auth/http/same_origin.h"

#include "server/base/text.h"

namespace tollgate::auth {
namespace {

// Browsers leave the scheme's own port out of Origin (RFC 6454 6.2); Host may have it.
std::string_view without_own_port(std::string_view host, std::string_view scheme) {
  const std::string_view port = scheme == "https" ? ":443" : ":80";
  if (host.ends_with(port)) host.remove_suffix(port.size());
  return host;
}

}  // namespace

std::optional<std::string_view> find_cookie(std::span<const http::FieldView> fields,
                                            std::string_view name) {
  for (const http::FieldView& field : fields) {
    if (!iequals(field.name, "cookie")) continue;
    for (const std::string_view pair : split(field.value, ';')) {
      const auto equals = pair.find('=');
      if (equals == std::string_view::npos || trim(pair.substr(0, equals)) != name) continue;
      std::string_view value = trim(pair.substr(equals + 1));
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
        value = value.substr(1, value.size() - 2);
      if (value.empty()) return std::nullopt;
      return value;
    }
  }
  return std::nullopt;
}

// Sec-Fetch-Site cannot be set by a page, and is right behind proxies that change Host: it decides
// where it is sent. "none" is the user's own doing (Fetch Metadata 2.4).
std::optional<std::string> csrf_failure(const http::RequestParts& request) {
  if (is_safe(request.method)) return std::nullopt;
  const std::string failed = "CSRF Failed: ";
  if (const auto site = http::find_field(request.fields, "sec-fetch-site")) {
    if (*site == "same-origin" || *site == "none") return std::nullopt;
    return failed + "Sec-Fetch-Site is not same-origin.";
  }
  const auto origin = http::find_field(request.fields, "origin");
  if (!origin) return failed + "Origin checking failed - no Origin.";
  const std::string_view host = http::find_field(request.fields, "host").value_or("");
  const std::string ours =
      std::string(request.scheme) + "://" + std::string(without_own_port(host, request.scheme));
  if (!host.empty() && iequals(*origin, ours)) return std::nullopt;
  return failed + "Origin checking failed - " + std::string(*origin) +
         " does not match any trusted origins.";
}

}  // namespace tollgate::auth
