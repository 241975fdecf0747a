// SPDX-License-Identifier: Apache-2.0
#include "auth/http/fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "server/base/text.h"

namespace tollgate::auth {
namespace {

// Of the body: its members' order does not count, and one more costs a logarithm. In an
// ordered_json it costs a walk over all before it.
using Json = nlohmann::json;
// Of the answer, which has our few names in the caller's order.
using Errors = nlohmann::ordered_json;
using http::Response;
template <class T>
using Checked = tl::expected<T, Response>;

tl::unexpected<Response> refuse(int status, std::string_view detail) {
  return tl::unexpected<Response>(http::detail(status, detail));
}
tl::unexpected<Response> refuse(const Errors& body) {
  return tl::unexpected<Response>(http::json_text(body.dump(), 400));
}

// How closely a media range names JSON; 0: not at all.
int closeness(std::string_view range) {
  constexpr std::string_view kRanges[] = {"*/*", "application/*", "application/json"};
  const std::string_view type = trim(range.substr(0, range.find(';')));
  for (int i = 3; i > 0; --i)
    if (iequals(type, kRanges[i - 1])) return i;
  return 0;
}

// "…; q=0": this is what the client does not want (RFC 9110 12.4.2).
bool is_refusal(std::string_view range) {
  return std::ranges::any_of(split(range, ';'), [](std::string_view parameter) {
    const auto equals = std::min(parameter.find('='), parameter.size());
    const std::string_view weight = trim(parameter.substr(std::min(equals + 1, parameter.size())));
    return iequals(trim(parameter.substr(0, equals)), "q") && weight.starts_with('0') &&
           weight.find_first_not_of("0.") == std::string_view::npos;
  });
}

// DRF's negotiation, for a view that renders JSON only; of several ranges the closest one
// counts (RFC 9110 12.5.1).
bool accepts_json(std::string_view accept) {
  if (trim(accept).empty()) return true;
  std::pair<int, bool> best{0, false};  // closeness, and whether it is wanted
  for (const std::string_view range : split(accept, ','))
    best = std::max(best, {closeness(range), !is_refusal(range)});
  return best.first > 0 && best.second;
}

// A file is an object, which no CharField takes; as in DRF it counts before a field of its name.
Checked<Json> to_object(const Result<http::Form>& form) {
  if (!form) return refuse(400, form.error().message);
  Json object = Json::object();
  for (const http::FormField& field : form->fields) object[std::string(field.name)] = field.value;
  for (const http::UploadedFile& file : form->files)
    object[std::string(file.name)] = Json::object();
  return object;
}

Checked<Json> parse_body(const http::Request& request) {
  if (request.body().empty()) return Json::object();
  const std::string type = request.media_type();
  if (type == "application/x-www-form-urlencoded" || type == "multipart/form-data")
    return to_object(request.form());
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

std::string_view strip(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\r\v\f\x1c\x1d\x1e\x1f";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

Checked<std::vector<std::string>> read_char_fields(const http::Request& request,
                                                   std::span<const std::string_view> names) {
  if (!accepts_json(request.header("accept").value_or("")))
    return refuse(406, "Could not satisfy the request Accept header.");
  Checked<Json> body = parse_body(request);
  if (!body) return tl::unexpected(std::move(body).error());
  if (body->is_null()) return refuse(Errors{{"non_field_errors", {"No data provided"}}});
  if (!body->is_object())
    return refuse(Errors{{"non_field_errors",
                          {"Invalid data. Expected a dictionary, but got " +
                           std::string(python_type(*body)) + "."}}});
  std::vector<std::string> values;
  Errors errors = Errors::object();
  for (const std::string_view name : names) {
    auto value = read_char_field(*body, name);
    if (value)
      values.push_back(*std::move(value));
    else
      errors[std::string(name)] = Errors::array({value.error()});
  }
  if (!errors.empty()) return refuse(errors);
  return values;
}

}  // namespace tollgate::auth
