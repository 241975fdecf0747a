// SPDX-License-Identifier: Apache-2.0
#include "auth/http/fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/base/text.h"
#include "server/http/form.h"

namespace tollgate::auth {
namespace {

using Json = nlohmann::ordered_json;
using http::Response;
template <class T>
using Checked = tl::expected<T, Response>;

tl::unexpected<Response> refuse(int status, std::string_view detail) {
  return tl::unexpected<Response>(http::detail(status, detail));
}
tl::unexpected<Response> refuse(const Json& body) {
  return tl::unexpected<Response>(http::json_text(body.dump(), 400));
}

// DRF's negotiation, for a view that renders JSON only (RFC 9110 12.5.1).
bool accepts_json(std::string_view accept) {
  if (trim(accept).empty()) return true;
  return std::ranges::any_of(split(accept, ','), [](std::string_view range) {
    const std::string_view type = trim(range.substr(0, range.find(';')));
    return type == "*/*" || iequals(type, "application/*") || iequals(type, "application/json");
  });
}

Json to_object(const std::vector<http::FormField>& fields) {
  Json object = Json::object();
  for (const http::FormField& field : fields) object[field.name] = field.value;
  return object;
}

Checked<Json> parse_body(const http::Request& request) {
  if (request.body().empty()) return Json::object();
  const std::string type = request.media_type();
  if (type == "application/x-www-form-urlencoded")
    return to_object(http::parse_urlencoded(request.body()));
  if (type == "multipart/form-data") {
    const auto fields = http::parse_multipart(*request.header("content-type"), request.body());
    if (!fields) return refuse(400, fields.error().message);
    return to_object(*fields);
  }
  if (type != "application/json")
    return refuse(415, "Unsupported media type \"" +
                           std::string(request.header("content-type").value_or("")) +
                           "\" in request.");
  Json body = Json::parse(request.body(), nullptr, /*allow_exceptions=*/false);
  if (body.is_discarded())
    return refuse(400, "JSON parse error - Expecting value: line 1 column 1 (char 0)");
  return body;
}

// Python's name of a JSON value's type, as DRF's message has it.
std::string_view python_type(const Json& value) {
  if (value.is_array()) return "list";
  if (value.is_string()) return "str";
  if (value.is_boolean()) return "bool";
  return value.is_number_float() ? "float" : "int";
}

// Python's str.strip(), for ASCII.
std::string_view strip(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\r\v\f";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

tl::unexpected<std::string_view> complaint(std::string_view text) {
  return tl::unexpected<std::string_view>(text);
}

// A CharField: numbers are taken as their text, booleans are not (DRF).
tl::expected<std::string, std::string_view> read_char_field(const Json& body,
                                                            std::string_view name) {
  const auto found = body.find(std::string(name));
  if (found == body.end()) return complaint("This field is required.");
  if (found->is_null()) return complaint("This field may not be null.");
  if (found->is_boolean() || found->is_structured()) return complaint("Not a valid string.");
  const std::string text = found->is_string() ? found->get<std::string>() : found->dump();
  const std::string_view value = strip(text);
  if (value.empty()) return complaint("This field may not be blank.");
  if (value.find('\0') != std::string_view::npos)
    return complaint("Null characters are not allowed.");
  return std::string(value);
}

}  // namespace

Checked<std::vector<std::string>> read_char_fields(const http::Request& request,
                                                   std::span<const std::string_view> names) {
  if (!accepts_json(request.header("accept").value_or("")))
    return refuse(406, "Could not satisfy the request Accept header.");
  Checked<Json> body = parse_body(request);
  if (!body) return tl::unexpected(std::move(body).error());
  if (body->is_null()) return refuse(Json{{"non_field_errors", {"No data provided"}}});
  if (!body->is_object())
    return refuse(Json{{"non_field_errors",
                        {"Invalid data. Expected a dictionary, but got " +
                         std::string(python_type(*body)) + "."}}});
  std::vector<std::string> values;
  Json errors = Json::object();
  for (const std::string_view name : names) {
    auto value = read_char_field(*body, name);
    if (value)
      values.push_back(*std::move(value));
    else
      errors[std::string(name)] = Json::array({value.error()});
  }
  if (!errors.empty()) return refuse(errors);
  return values;
}

}  // namespace tollgate::auth
