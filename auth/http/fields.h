// The fields of a posted body, checked as DRF's serializers check them
// (reference/auth.md A2, A3). Pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "server/http/request.h"
#include "server/http/response.h"

namespace tollgate::auth {

// Python's str.strip(), for ASCII: what a CharField's value is stripped of.
std::string_view strip(std::string_view text);

// DRF's negotiation, for a view that renders JSON only: whether this Accept field takes it.
bool accepts_json(std::string_view accept);

// The values of the named CharFields, in that order, stripped of white space; or the response that
// says what is wrong with each: 400, 415 for a body of another type, 406 for an Accept without
// JSON.
tl::expected<std::vector<std::string>, http::Response> read_char_fields(
    const http::Request& request, std::span<const std::string_view> names);

}  // namespace tollgate::auth
