// SPDX-License-Identifier: Apache-2.0
#include "server/http/form.h"

#include <algorithm>
#include <string>

#include "server/base/text.h"

namespace tollgate::http {
namespace {

// More fields than any form has (Django: DATA_UPLOAD_MAX_NUMBER_FIELDS): the work for a body
// is bounded by more than its size.
constexpr std::size_t kMaxFields = 1000;

std::string_view decode(std::string_view text, Arena& arena) {
  if (text.find_first_of("%+") == std::string_view::npos) return text;
  char* const begin = arena.allocate(text.size());
  char* out = begin;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                        hex_value(text[i + 2]) >= 0;
    if (escape) {
      *out++ = static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      *out++ = text[i] == '+' ? ' ' : text[i];
    }
  }
  return {begin, static_cast<std::size_t>(out - begin)};
}

}  // namespace

std::optional<std::string_view> Form::field(std::string_view name) const {
  const auto found = std::ranges::find(fields, name, &FormField::name);
  if (found == fields.end()) return std::nullopt;
  return found->value;
}

const UploadedFile* Form::file(std::string_view name) const {
  const auto found = std::ranges::find(files, name, &UploadedFile::name);
  return found == files.end() ? nullptr : &*found;
}

Result<Form> parse_urlencoded(std::string_view body) {
  Form form;
  while (!body.empty()) {
    const auto end = body.find('&');
    const std::string_view pair = body.substr(0, end);
    body = end == std::string_view::npos ? std::string_view{} : body.substr(end + 1);
    if (pair.empty()) continue;
    if (form.fields.size() == kMaxFields)
      return fail(Errc::InvalidArgument, "Form parse error - too many fields");
    const auto equals = std::min(pair.find('='), pair.size());
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    form.fields.push_back(
        {.name = decode(pair.substr(0, equals), form.text), .value = decode(value, form.text)});
  }
  return form;
}

}  // namespace tollgate::http
