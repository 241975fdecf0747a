// Status codes and their reason phrases (RFC 9110 15, RFC 6585, RFC 4918, RFC 7725).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace tollgate::http {

// "404 Not Found", as a status line has it; empty for a code that has no registered phrase.
std::string_view known_status(int status);

// "Not Found"; "Unknown" for a code that has no registered phrase.
std::string_view reason_phrase(int status);

// 1xx, 204 and 304 end with their head (RFC 9112 6.3).
constexpr bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

// Its length is written, and is 0 (RFC 9110 15.3.6).
constexpr bool is_empty(int status) { return status == 205; }

}  // namespace tollgate::http
