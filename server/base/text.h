// Text as the protocols use it: ASCII only, no locale.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/export.h"
#include "server/base/result.h"

namespace tollgate {

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
std::string to_lower(std::string_view text);

constexpr bool iequals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  return true;
}

// Without leading and trailing SP and HTAB (RFC 9110 5.6.3, OWS).
std::string_view trim(std::string_view text);

// The pieces between `separator`s, empty ones included; views into `text`.
std::vector<std::string_view> split(std::string_view text, char separator);

std::string join(const std::vector<std::string>& parts, std::string_view separator);

// Digits only, the whole of `text`, at most `max`. The only parser of numbers
// that come from outside: no sign, no space, no hexadecimal.
Result<uint64_t> parse_uint(std::string_view text, uint64_t max = UINT64_MAX);

// True for a well-formed UTF-8 sequence (RFC 3629): no surrogates, no overlong forms.
bool is_utf8(std::string_view text);

// A JSON string with its quotes (RFC 8259 7): quotes, backslashes and controls
// escaped, other characters as they are, bytes that are not UTF-8 as U+FFFD.
TOLLGATE_API std::string json_quote(std::string_view text);
TOLLGATE_API void append_json_quoted(std::string& out, std::string_view text);

// 0 to 15, or -1 for what is no hexadecimal digit.
int hex_value(char c);

// A decoded path as a URL has it (RFC 3986 3.3): unreserved characters, sub-delims, ":", "@" and
// "/" stay; all others, and each byte beyond ASCII, become %XX.
std::string percent_encode_path(std::string_view path);

// How many single-character edits turn `a` into `b`; for "did you mean …".
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace tollgate
