// Bytes in: requests, or whose fault. Whatever comes, and in whatever pieces it comes,
//   - http::Parser reads the same requests and gives the same refusal, with a status and a reason;
//   - it never reads two requests where a strict reader of RFC 9112 sees one, nor another framing,
//     another end or other fields than that reader (strict_reader.h);
//   - where it waits for more, that reader sees no further request.
// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/reading.h"

void tollgate::fuzz::fuzz(std::string_view input) { require_one_reading(input); }
