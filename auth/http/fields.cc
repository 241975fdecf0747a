// SPDX-License-Identifier: Apache-2.0
#include "auth/http/fields.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
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

// A file is an object, which no CharField takes; as in DRF it counts before a field of its name.
Checked<Json> to_object(const Result<http::Form>& form) {
  if (!form) return refuse(400, form.error().message);
  Json object = Json::object();
  for (const http::FormField& field : form->fields) object[std::string(field.name)] = field.value;
  for (const http::UploadedFile& file : form->files)
    object[std::string(file.name)] = Json::object();
  return object;
}

// What stands for a lone surrogate: no text that passes has a NUL.
constexpr std::string_view kSurrogate("\0\1", 2);

// The code unit of the escape at `at`, "\uD800"; nullopt: there is none.
std::optional<uint32_t> escaped_unit(std::string_view json, std::size_t at) {
  uint32_t unit = 0;
  if (json.substr(at, 2) != "\\u" || at + 6 > json.size()) return std::nullopt;
  const char* const digits = json.data() + at + 2;
  if (std::from_chars(digits, digits + 4, unit, 16).ptr != digits + 4) return std::nullopt;
  return unit;
}

// Python reads "\ud800" alone, DRF then refuses it, and no JSON library of ours gets so far: here
// it becomes kSurrogate and its four digits.
std::string mark_lone_surrogates(std::string_view json) {
  std::string out;
  for (std::size_t i = 0; i < json.size();) {
    const auto unit = escaped_unit(json, i);
    const auto next = unit ? escaped_unit(json, i + 6) : std::nullopt;
    const bool leads = unit && *unit >= 0xD800 && *unit <= 0xDBFF;
    const bool trails = unit && *unit >= 0xDC00 && *unit <= 0xDFFF;
    const bool pair = leads && next && *next >= 0xDC00 && *next <= 0xDFFF;
    std::size_t size = json[i] == '\\' ? 2 : 1;  // an escape is not cut in two
    if (unit) size = pair ? 12 : 6;
    if ((leads && !pair) || trails)
      out.append("\\u0000\\u0001").append(json.substr(i + 2, 4));
    else
      out.append(json.substr(i, size));
    i += size;
  }
  return out;
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
  if (request.body().starts_with("\xEF\xBB\xBF"))
    return refuse(400,
                  "JSON parse error - Unexpected UTF-8 BOM (decode using utf-8-sig): "
                  "line 1 column 1 (char 0)");
  Json body = Json::parse(request.body(), nullptr, /*allow_exceptions=*/false);
  if (body.is_discarded())
    body = Json::parse(mark_lone_surrogates(request.body()), nullptr, /*allow_exceptions=*/false);
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

tl::unexpected<std::string> complaint(std::string text) {
  return tl::unexpected<std::string>(std::move(text));
}

std::string to_upper_hex(std::string_view digits) {
  std::string out(digits);
  for (char& c : out)
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

// A CharField: numbers are taken as their text, booleans are not (DRF).
tl::expected<std::string, std::string> read_char_field(const Json& body, std::string_view name) {
  const auto found = body.find(std::string(name));
  if (found == body.end()) return complaint("This field is required.");
  if (found->is_null()) return complaint("This field may not be null.");
  if (found->is_boolean() || found->is_structured()) return complaint("Not a valid string.");
  const std::string text = found->is_string() ? found->get<std::string>() : found->dump();
  const std::string_view value = strip(text);
  if (value.empty()) return complaint("This field may not be blank.");
  if (const auto at = value.find(kSurrogate); at != std::string_view::npos)
    return complaint("Surrogate characters are not allowed: U+" +
                     to_upper_hex(value.substr(at + kSurrogate.size(), 4)) + ".");
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

// Of several ranges the closest one counts (RFC 9110 12.5.1).
bool accepts_json(std::string_view accept) {
  if (trim(accept).empty()) return true;
  std::pair<int, bool> best{0, false};  // closeness, and whether it is wanted
  for (const std::string_view range : split(accept, ','))
    best = std::max(best, {closeness(range), !is_refusal(range)});
  return best.first > 0 && best.second;
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
