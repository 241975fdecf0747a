// SPDX-License-Identifier: Apache-2.0
#include "server/http/headers.h"

#include <algorithm>

#include "server/base/text.h"

namespace tollgate::http {
namespace {

constexpr bool is_token_char(char c) {
  if (is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace

std::optional<std::string_view> find_field(std::span<const FieldView> fields,
                                           std::string_view name) {
  for (const FieldView& field : fields)
    if (iequals(field.name, name)) return field.value;
  return std::nullopt;
}

std::size_t count_fields(std::span<const FieldView> fields, std::string_view name) {
  return static_cast<std::size_t>(
      std::ranges::count_if(fields, [&](const auto& field) { return iequals(field.name, name); }));
}

bool is_field_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, is_token_char);
}

bool is_field_value(std::string_view value) {
  return std::ranges::none_of(value, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

bool list_contains(std::string_view list, std::string_view token) {
  return std::ranges::any_of(split(list, ','),
                             [&](std::string_view item) { return iequals(trim(item), token); });
}

}  // namespace tollgate::http
