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

// Sixteen bytes that the compiler works on at once: a vector of GCC's and Clang's, for any
// processor.
using Bytes = unsigned char __attribute__((vector_size(16)));
using Words = uint64_t __attribute__((vector_size(16)));
constexpr std::size_t kStep = sizeof(Bytes);

// In each place: not 0 if the byte there is below 0x20, or DEL.
Bytes suspects(const char* at, std::size_t size = kStep) {
  Bytes bytes = Bytes{} + static_cast<unsigned char>(' ');
  std::memcpy(&bytes, at, size);
  return reinterpret_cast<Bytes>((bytes < 0x20) | (bytes == 0x7F));
}

bool has_any(Bytes found) {
  const auto halves = reinterpret_cast<Words>(found);
  return (halves[0] | halves[1]) != 0;
}

bool may_have_control(std::string_view text) {
  if (text.size() < kStep) return has_any(suspects(text.data(), text.size()));
  const char* const last = text.data() + text.size() - kStep;
  Bytes found = suspects(last);
  for (const char* at = text.data(); at < last; at += kStep) found |= suspects(at);
  return has_any(found);
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

// Only where a byte may be one, as a tab may, they are looked at one by one.
bool has_control(std::string_view text) {
  return !text.empty() && may_have_control(text) && std::ranges::any_of(text, is_control);
}

bool list_contains(std::string_view list, std::string_view token) {
  return std::ranges::any_of(split(list, ','),
                             [&](std::string_view item) { return iequals(trim(item), token); });
}

}  // namespace tollgate::http
