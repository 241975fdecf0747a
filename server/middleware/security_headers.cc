// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/security_headers.h"

#include <vector>

namespace tollgate::middleware {
namespace {

constexpr const char* kHsts = "Strict-Transport-Security";

std::string hsts_of(const SecurityHeaders& headers) {
  if (headers.hsts_seconds.count() == 0) return {};
  std::string value = "max-age=" + std::to_string(headers.hsts_seconds.count());
  if (headers.hsts_include_subdomains) value += "; includeSubDomains";
  if (headers.hsts_preload) value += "; preload";
  return value;
}

}  // namespace

Result<http::Finisher> make_security_headers(const SecurityHeaders& headers) {
  std::vector<http::Field> fields = {
      {"X-Content-Type-Options", headers.content_type_nosniff ? "nosniff" : ""},
      {"X-Frame-Options", headers.x_frame_options},
      {"Referrer-Policy", headers.referrer_policy},
      {"Cross-Origin-Opener-Policy", headers.cross_origin_opener_policy},
      {"Content-Security-Policy", headers.content_security_policy}};
  std::erase_if(fields, [](const http::Field& field) { return field.value.empty(); });
  for (const http::Field& field : fields)
    if (!http::is_field_value(field.value))
      return fail(Errc::InvalidArgument,
                  "security_headers: the value of " + field.name + " has a control character");
  const auto add = [](const http::Field& field, http::Response& response) {
    if (response.header(field.name) == nullptr) response.add_header(field.name, field.value);
  };
  return [fields = std::move(fields), hsts = http::Field{kHsts, hsts_of(headers)}, add](
             const http::Request& request, http::Response& response) {
    for (const http::Field& field : fields) add(field, response);
    if (!hsts.value.empty() && request.scheme() == "https") add(hsts, response);
  };
}

}  // namespace tollgate::middleware
