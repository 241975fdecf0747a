// The request target (RFC 9112 3.2) and the Host field, made into what routes match.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "server/base/result.h"
#include "server/http/arena.h"
#include "server/http/method.h"

namespace tollgate::http {

struct Target {
  std::string_view path;       // percent-decoded once; "*" for OPTIONS *
  std::string_view query;      // as received
  std::string_view authority;  // of an absolute-form target, else empty
};

// One documented answer, 400, for what could be read in two ways: a bad escape,
// an encoded slash or NUL, a dot segment, and what is not UTF-8 when decoded.
// `target` is visible ASCII: the parser lets nothing else through. Views into
// `target` or `arena`.
Result<Target> parse_target(Method method, std::string_view target, Arena& arena);

// host [ ":" port ] as RFC 9110 7.2 has it; not empty.
bool is_host(std::string_view value);

}  // namespace tollgate::http
