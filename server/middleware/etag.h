// Entity tags for responses that have none, and what a client makes of them: 304 where it has the
// response already, 412 where it does not want this one (Django's ConditionalGetMiddleware).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "server/base/clock.h"
#include "server/http/handler.h"

namespace tollgate::middleware {

// A larger body gets no tag: hashing it would hold up the loop.
inline constexpr std::size_t kMostToHash = std::size_t{1} << 20;

// What answers GET and HEAD with 200. The handler has run by then: what this saves is the
// transfer, and what changes something asks for its preconditions itself. A tag or a
// Last-Modified of the handler's counts as it is. `clock` outlives it.
//
// Compression: the response is compressed behind this (compress.h), and a 304 must say what its
// 200 would have said (RFC 9110 15.4.5).
enum class Behind : uint8_t { Nothing, Compression };
http::Finisher make_etag(const Clock& clock, Behind behind);

}  // namespace tollgate::middleware
