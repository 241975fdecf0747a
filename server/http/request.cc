// SPDX-License-Identifier: Apache-2.0
#include "server/http/request.h"

#include "server/base/text.h"

namespace tollgate::http {

std::optional<std::string_view> Request::header(std::string_view name) const {
  return find_field(parts_.fields, name);
}

std::string_view Request::body() const { return parts_.body.view(); }

Result<Form> Request::form() const {
  const std::string type = media_type();
  if (type == "application/x-www-form-urlencoded") return parse_urlencoded(body());
  if (type == "multipart/form-data") return parse_multipart(*header("content-type"), body());
  return fail(Errc::UnsupportedMediaType, "Unsupported media type \"" +
                                              std::string(header("content-type").value_or("")) +
                                              "\" in request.");
}

std::string Request::media_type() const {
  const std::string_view value = header("content-type").value_or("");
  return to_lower(trim(value.substr(0, value.find(';'))));
}

}  // namespace tollgate::http
