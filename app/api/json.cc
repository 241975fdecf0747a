// SPDX-License-Identifier: Apache-2.0
#include "app/api/json.h"

#include <stdexcept>
#include <string>
#include <vector>

namespace tollgate {

namespace {

// Reading is iterative, but writing and a member's look-up are not: a document
// that is nested too deeply would exhaust the stack, and one with too many
// members the loop (each is looked for among those before it, to keep their order).
constexpr int kMaxDepth = 200;
constexpr std::size_t kMaxLookUps = 32'000'000;  // some 0.1 s
constexpr std::size_t kHarmlessSize = 4096;      // of a body that can be neither

Json parse_bounded(std::string_view body) {
  std::vector<std::size_t> members;  // of each open object
  std::size_t look_ups = 0;
  const auto bound = [&](int depth, Json::parse_event_t event, const Json&) {
    if (depth > kMaxDepth) throw std::length_error("nested too deeply");
    if (event == Json::parse_event_t::object_start) members.push_back(0);
    if (event == Json::parse_event_t::object_end) members.pop_back();
    if (event == Json::parse_event_t::key && (look_ups += members.back()++) > kMaxLookUps)
      throw std::length_error("too many members");
    return true;
  };
  return Json::parse(body, bound);
}

}  // namespace

http::Response json(const Json& value, int status) {
  return http::json_text(value.dump(-1, ' ', false, Json::error_handler_t::replace), status);
}

Result<Json> parse_json(const http::Request& request) {
  if (const std::string type = request.media_type(); !type.empty() && type != "application/json")
    return fail(Errc::UnsupportedMediaType, "Unsupported media type \"" + type + "\" in request.");
  try {
    if (request.body().size() <= kHarmlessSize) return Json::parse(request.body());
    return parse_bounded(request.body());
  } catch (const std::length_error& error) {
    return fail(Errc::InvalidArgument, std::string("JSON parse error - ") + error.what());
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
