// SPDX-License-Identifier: Apache-2.0
#include "server/http/headers.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "server/base/char_set.h"
#include "server/base/text.h"

namespace tollgate::http {
namespace {

constexpr CharSet kTokenChars = kAlphanumeric | CharSet("!#$%&'*+-.^_`|~");

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7F;
}

// Of eight bytes: not 0 if one of them is below 0x20, or DEL.
uint64_t suspects(const char* at) {
  constexpr uint64_t kEach = 0x0101010101010101;
  uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof(bytes));
  const uint64_t not_del = bytes ^ (kEach * 0x7F);
  const uint64_t below = (bytes - kEach * 0x20) & ~bytes;
  const uint64_t zero = (not_del - kEach) & ~not_del;
  return (below | zero) & (kEach * 0x80);
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

bool is_field_name(std::string_view name) { return !name.empty() && kTokenChars.has_all(name); }

bool is_field_value(std::string_view value) { return !has_control(value); }

// Eight at a time. Only where a byte may be one, as a tab may, they are looked at one by one.
bool has_control(std::string_view text) {
  constexpr std::size_t kStep = sizeof(uint64_t);
  if (text.size() >= kStep) {
    uint64_t found = 0;
    for (std::size_t at = 0; at + kStep <= text.size(); at += kStep)
      found |= suspects(text.data() + at);
    if ((found | suspects(text.data() + text.size() - kStep)) == 0) return false;
  }
  return std::ranges::any_of(text, is_control);
}

bool list_contains(std::string_view list, std::string_view token) {
  return std::ranges::any_of(split(list, ','),
                             [&](std::string_view item) { return iequals(trim(item), token); });
}

}  // namespace tollgate::http
