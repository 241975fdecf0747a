// How often a client may ask. Who may not now is answered 429, in DRF's words.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/base/result.h"
#include "server/http/handler.h"

namespace tollgate::shm {
class RateLimits;
}

namespace tollgate::middleware {

// Who counts as one client.
enum class RateKey : uint8_t {
  // Before anything of the caller's is verified, so that a flood costs little. A client
  // is an address, of IPv6 its network of 64 bits; what comes over a Unix socket without a name is
  // one client, all together.
  Address,
  User,  // once the caller is known and permitted; the address, where it stays unknown
};

struct RateOptions {
  uint32_t burst = 0;  // as many may pass at once; 0: the number of the rate
  RateKey by = RateKey::Address;
  std::string scope = {};  // what shares this name counts together; empty: a route for itself
};

struct RateLimit {
  std::string rate;  // "20/min", DRF's forms: a number, and s, m, h or d, also spelt out
  RateOptions options = {};
};

// The most that may pass at once.
inline constexpr uint32_t kMaxBurst = 100'000;

// `limits` outlives the step; `scope` is the limit's, or what stands for it. On the loop.
// Errors: InvalidArgument (no rate, or a burst above kMaxBurst).
Result<http::GateStep> make_rate_limit(const RateLimit& limit, std::string scope,
                                       shm::RateLimits& limits);

// Who is authenticated, as one client: by the id of a user, and of another issuer by the subject.
std::string client_of(const http::Identity& identity);

// The answer, with Retry-After in whole seconds.
http::Response throttled(std::chrono::nanoseconds wait);

}  // namespace tollgate::middleware
