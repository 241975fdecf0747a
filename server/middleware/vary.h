// The Vary field: upon what of the request a response depends (RFC 9110 12.5.5).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "server/http/response.h"

namespace tollgate::middleware {

// Adds `name` to the response's Vary, unless it is there, or it is "*".
void add_vary(http::Response& response, std::string_view name);

}  // namespace tollgate::middleware
