// What is decided about a request's body at the end of its head, before any of it is read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "server/http/exchange.h"
#include "server/http/limits.h"
#include "server/http/response.h"

namespace tollgate::http {

// For a request that has passed the gate and is followed by a body. Either the refusal: 413 for a
// length beyond the route's limit, 415 for a coding that is not taken (RFC 9110 15.5.16). Or
// nothing; then the exchange's body is ready for what comes. What is inflated loses its
// Content-Encoding and Content-Length fields, as neither is true of what the handler reads.
std::optional<Response> begin_body(Exchange& exchange, const Limits& limits);

}  // namespace tollgate::http
