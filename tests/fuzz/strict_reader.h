// A second reader of HTTP/1.1 requests, to hold the first to: the grammar of RFC 9112 and nothing
// of what the RFC lets a recipient forgive. It shares no code with server/http, knows no limits,
// and reads all of its input at once.
//
// Where this reader refuses, ours may not have read a request; ours may refuse more than it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "tests/fuzz/reading.h"

namespace tollgate::fuzz {

Reading read_strictly(std::string_view bytes);

}  // namespace tollgate::fuzz
