// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/throttle.h"

#include <algorithm>
#include <chrono>

#include "server/base/ip.h"
#include "server/middleware/rate_limit.h"
#include "server/shm/rate_limits.h"

namespace tollgate::middleware {
namespace {

struct Made {
  std::string scope;
  shm::Rate rate;
  Throttle::Of of;
};

Result<Made> make(const Throttle& throttle) {
  TOLLGATE_TRY(rate, shm::parse_rate(throttle.rate));
  if (rate.count > shm::kMostInAWindow)
    return fail(Errc::InvalidArgument, "\"" + throttle.rate +
                                           "\": a throttle's number is at most " +
                                           std::to_string(shm::kMostInAWindow));
  rate.counting = shm::Counting::Window;
  // No name of a rate limit begins so.
  return Made{"throttle " + throttle.scope, rate, throttle.of};
}

std::string caller_of(const http::RequestParts& request) {
  if (request.identity.authenticated) return client_of(request.identity);
  return tollgate::client_of(request.remote_address);
}

}  // namespace

Throttle anon_rate(std::string rate) {
  std::string scope = "anon " + rate;
  return {.scope = std::move(scope), .rate = std::move(rate), .of = Throttle::Of::Anonymous};
}

Throttle user_rate(std::string rate) {
  std::string scope = "user " + rate;
  return {.scope = std::move(scope), .rate = std::move(rate)};
}

Throttle scoped_rate(std::string_view scope, std::string rate) {
  // With the rate: of two rates in one count, each would spoil the other's.
  std::string name = std::string("scope ").append(scope).append(1, ' ').append(rate);
  return {.scope = std::move(name), .rate = std::move(rate)};
}

Result<http::GateStep> make_throttles(const std::vector<Throttle>& throttles,
                                      shm::RateLimits& limits) {
  if (throttles.empty()) return http::GateStep{};
  std::vector<Made> all;
  for (const Throttle& throttle : throttles) {
    TOLLGATE_TRY(made, make(throttle));
    all.push_back(std::move(made));
  }
  return [all = std::move(all), &limits](http::Exchange& exchange) -> http::Verdict {
    const http::RequestParts& request = exchange.request;
    std::chrono::nanoseconds longest{0};
    for (const Made& each : all) {
      if (each.of == Throttle::Of::Anonymous && request.identity.authenticated) continue;
      const uint64_t key = limits.key(each.scope, caller_of(request));
      const auto wait = limits.take(key, each.rate, exchange.started);
      longest = std::max(longest, wait.value_or(std::chrono::nanoseconds::zero()));
    }
    if (longest > std::chrono::nanoseconds::zero()) return throttled(longest);
    return http::Pass{};
  };
}

}  // namespace tollgate::middleware
