// SPDX-License-Identifier: Apache-2.0
#include "server/http/form.h"

#include "server/base/text.h"

namespace tollgate::http {
namespace {

// More fields than any form has (Django: DATA_UPLOAD_MAX_NUMBER_FIELDS): the work for a body
// is bounded by more than its size.
constexpr std::size_t kMaxFields = 1000;

std::string decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                        hex_value(text[i + 2]) >= 0;
    if (escape) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

// The value of `name` in a field such as: form-data; name="a"; filename="b.txt".
std::string parameter(std::string_view field, std::string_view name) {
  while (!field.empty()) {
    const auto semicolon = field.find(';');
    if (semicolon == std::string_view::npos) return {};
    field.remove_prefix(semicolon + 1);
    const auto equals = field.find('=');
    if (equals == std::string_view::npos) return {};
    const bool wanted = iequals(trim(field.substr(0, equals)), name);
    std::string_view rest = trim(field.substr(equals + 1));
    std::string value;
    if (rest.starts_with('"')) {
      std::size_t i = 1;
      for (; i < rest.size() && rest[i] != '"'; ++i) {
        if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
        value += rest[i];
      }
      rest.remove_prefix(std::min(i + 1, rest.size()));
    } else {
      value = trim(rest.substr(0, rest.find(';')));
    }
    if (wanted) return value;
    field = rest;
  }
  return {};
}

tl::unexpected<Error> bad(const char* why) {
  return fail(Errc::InvalidArgument, std::string("Multipart form parse error - ") + why);
}

Result<FormField> parse_part(std::string_view part) {
  const auto head_end = part.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return bad("a part without a head");
  FormField field{.name = {}, .value = std::string(part.substr(head_end + 4))};
  std::string_view head = part.substr(0, head_end);
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head = end == std::string_view::npos ? std::string_view{} : head.substr(end + 2);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos ||
        !iequals(trim(line.substr(0, colon)), "content-disposition"))
      continue;
    field.name = parameter(line, "name");
    field.file_name = parameter(line, "filename");
  }
  if (field.name.empty()) return bad("a part without a name");
  return field;
}

}  // namespace

Result<std::vector<FormField>> parse_urlencoded(std::string_view body) {
  std::vector<FormField> fields;
  while (!body.empty()) {
    const auto end = body.find('&');
    const std::string_view pair = body.substr(0, end);
    body = end == std::string_view::npos ? std::string_view{} : body.substr(end + 1);
    if (pair.empty()) continue;
    if (fields.size() == kMaxFields)
      return fail(Errc::InvalidArgument, "Form parse error - too many fields");
    const auto equals = pair.find('=');
    fields.push_back(
        {.name = decode(pair.substr(0, equals)),
         .value = equals == std::string_view::npos ? "" : decode(pair.substr(equals + 1))});
  }
  return fields;
}

Result<std::vector<FormField>> parse_multipart(std::string_view content_type,
                                               std::string_view body) {
  const std::string boundary = parameter(content_type, "boundary");
  if (boundary.empty() || boundary.size() > 70) return bad("Invalid boundary");  // RFC 2046 5.1.1
  const std::string delimiter = "\r\n--" + boundary;
  std::vector<FormField> fields;
  // The first delimiter may stand at the very beginning, without its CRLF.
  if (body.starts_with(std::string_view(delimiter).substr(2)))
    body.remove_prefix(delimiter.size() - 2);
  else if (const auto first = body.find(delimiter); first != std::string_view::npos)
    body.remove_prefix(first + delimiter.size());
  else
    return fields;
  while (!body.starts_with("--")) {
    if (!body.starts_with("\r\n")) return bad("a bad delimiter");
    const auto end = body.find(delimiter, 2);
    if (end == std::string_view::npos) return bad("the last delimiter is missing");
    TOLLGATE_TRY(field, parse_part(body.substr(2, end - 2)));
    fields.push_back(std::move(field));
    if (fields.size() > kMaxFields) return bad("too many parts");
    body.remove_prefix(end + delimiter.size());
  }
  return fields;
}

}  // namespace tollgate::http
