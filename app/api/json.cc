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
constexpr std::size_t kMaxDepth = 200;
constexpr std::size_t kMaxLookUps = 32'000'000;  // some 0.1 s
constexpr std::size_t kHarmlessSize = 4096;      // of a body that can be neither

// How deep a text is nested, and how many members its objects have. What is no JSON is the
// parser's to refuse. (nlohmann's own callback looks through all values of an array at the end of
// each of its objects.)
class Bounds {
 public:
  void check(std::string_view body) {
    bool in_string = false;
    for (std::size_t i = 0; i < body.size(); ++i) {
      const char c = body[i];
      if (in_string && c == '\\')
        ++i;
      else if (c == '"')
        in_string = !in_string;
      else if (!in_string)
        note(c);
    }
  }

 private:
  void note(char c) {
    if (c == '{' || c == '[') {
      members_.push_back(0);
      if (members_.size() > kMaxDepth) throw std::length_error("nested too deeply");
    } else if ((c == '}' || c == ']') && !members_.empty()) {
      members_.pop_back();
    } else if (c == ':' && !members_.empty() && (look_ups_ += members_.back()++) > kMaxLookUps) {
      throw std::length_error("too many members");
    }
  }

  std::vector<std::size_t> members_;  // of each that is open; an array has none
  std::size_t look_ups_ = 0;
};

}  // namespace

http::Response json(const Json& value, int status) {
  return http::json_text(value.dump(-1, ' ', false, Json::error_handler_t::replace), status);
}

Result<Json> parse_json(const http::Request& request) {
  if (const std::string type = request.media_type(); !type.empty() && type != "application/json")
    return fail(Errc::UnsupportedMediaType, "Unsupported media type \"" + type + "\" in request.");
  try {
    if (request.body().size() > kHarmlessSize) Bounds().check(request.body());
    return Json::parse(request.body());
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
