// Status codes and their reason phrases (RFC 9110 15, RFC 6585).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace tollgate::http {

// "Not Found"; "Unknown" for a code that has no registered phrase.
std::string_view reason_phrase(int status);

// 1xx, 204 and 304 never have a body (RFC 9112 6.3).
constexpr bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace tollgate::http
