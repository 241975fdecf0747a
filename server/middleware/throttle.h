// DRF's throttles as values: how often who is unknown, a user, or whoever uses one part of the API
// may ask. They count in memory that all workers share, and are asked when the caller is known and
// permitted. Who may not now is answered 429, in DRF's words.
//
// Beside rate_limit.h: a limit by address is asked before anything of the caller's is verified, and
// evens its callers out; a throttle lets its number pass, and then none until its time is over
// (a window, and no average).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/base/export.h"
#include "server/base/result.h"
#include "server/http/handler.h"

namespace tollgate::shm {
class RateLimits;
}

namespace tollgate::middleware {

struct Throttle {
  enum class Of : uint8_t { Anonymous, Everybody };

  // What counts together with what, wherever in the application it is asked.
  std::string scope;
  std::string rate;  // "5/min", as of a rate limit
  Of of = Of::Everybody;
};

// Those who are not authenticated, by address (of IPv6 the first 64 bits). All routes with
// this throttle and rate count together, as do those of user_rate().
TOLLGATE_API Throttle anon_rate(std::string rate);
// Users by their id; the unknown by address.
TOLLGATE_API Throttle user_rate(std::string rate);
// The same, for the routes that name this scope and rate.
TOLLGATE_API Throttle scoped_rate(std::string_view scope, std::string rate);

// All of them, each of which counts, whatever the others say; the longest wait is told. Of none:
// empty. `limits` outlives the step. On the loop. Errors: InvalidArgument (no rate, or more than
// shm::kMostInAWindow).
Result<http::GateStep> make_throttles(const std::vector<Throttle>& throttles,
                                      shm::RateLimits& limits);

}  // namespace tollgate::middleware
