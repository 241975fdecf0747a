// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/rate_limit.h"

#include <algorithm>

#include "server/base/ip.h"
#include "server/shm/rate_limits.h"

namespace tollgate::middleware {
namespace {

std::string caller_of(RateKey by, const http::RequestParts& request) {
  if (by == RateKey::User && request.identity.authenticated) return client_of(request.identity);
  return tollgate::client_of(request.remote_address);
}

}  // namespace

std::string client_of(const http::Identity& identity) {
  if (identity.id == 0 && !identity.subject.empty())
    return "subject " + std::string(identity.subject);
  return "user " + std::to_string(identity.id);
}

// DRF's Throttled: "1 second." in the singular.
http::Response throttled(std::chrono::nanoseconds wait) {
  const std::string seconds = std::to_string(ceil<std::chrono::seconds>(wait).count());
  return http::detail(429, "Request was throttled. Expected available in " + seconds +
                               (seconds == "1" ? " second." : " seconds."))
      .set_header("Retry-After", seconds);
}

Result<http::GateStep> make_rate_limit(const RateLimit& limit, std::string scope,
                                       shm::RateLimits& limits) {
  TOLLGATE_TRY(rate, shm::parse_rate(limit.rate));
  if (limit.options.burst > kMaxBurst)
    return fail(Errc::InvalidArgument,
                "rate_limit: a burst is at most " + std::to_string(kMaxBurst));
  if (limit.options.burst > 0) rate.burst = limit.options.burst;
  return [rate, by = limit.options.by, scope = std::move(scope),
          &limits](http::Exchange& exchange) -> http::Verdict {
    const uint64_t key = limits.key(scope, caller_of(by, exchange.request));
    if (const auto wait = limits.take(key, rate, exchange.started)) return throttled(*wait);
    return http::Pass{};
  };
}

}  // namespace tollgate::middleware
