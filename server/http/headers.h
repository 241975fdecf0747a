// Header fields: ordered, names compared without case (RFC 9110 5.1).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tollgate::http {

// A field of a request: views into its exchange.
struct FieldView {
  std::string_view name;
  std::string_view value;  // without surrounding white space
};

// A field of a response.
struct Field {
  std::string name;
  std::string value;
};

// The first field of that name.
std::optional<std::string_view> find_field(std::span<const FieldView> fields,
                                           std::string_view name);
std::size_t count_fields(std::span<const FieldView> fields, std::string_view name);

// RFC 9110 5.6.2 (token) and 5.5 (field-value): what may stand on the wire.
bool is_field_name(std::string_view name);
bool is_field_value(std::string_view value);

// Whether it holds a control character, of which HTAB is none here.
bool has_control(std::string_view text);

// Whether a comma-separated list holds `token`, without case (RFC 9110 5.6.1).
bool list_contains(std::string_view list, std::string_view token);

}  // namespace tollgate::http
