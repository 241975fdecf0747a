// SPDX-License-Identifier: Apache-2.0
#include "app/api/json.h"

#include <string>

namespace tollgate {

http::Response json(const Json& value, int status) {
  return http::json_text(value.dump(-1, ' ', false, Json::error_handler_t::replace), status);
}

Result<Json> parse_json(const http::Request& request) {
  if (const std::string type = request.media_type(); !type.empty() && type != "application/json")
    return fail(Errc::UnsupportedMediaType, "Unsupported media type \"" + type + "\" in request.");
  try {
    return Json::parse(request.body());
  } catch (const Json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: …"; out_of_range for
    // 1e999.
    const std::string_view what = error.what();
    const auto bracket = what.find("] ");
    return fail(
        Errc::InvalidArgument,
        "JSON parse error - " +
            std::string(bracket == std::string_view::npos ? what : what.substr(bracket + 2)));
  }
}

}  // namespace tollgate
