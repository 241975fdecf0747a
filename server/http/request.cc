// SPDX-License-Identifier: Apache-2.0
#include "server/http/request.h"

#include "server/base/text.h"

namespace tollgate::http {

std::optional<std::string_view> Request::header(std::string_view name) const {
  return find_field(parts_.fields, name);
}

std::string Request::media_type() const {
  const std::string_view value = header("content-type").value_or("");
  return to_lower(trim(value.substr(0, value.find(';'))));
}

}  // namespace tollgate::http
