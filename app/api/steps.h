// What stands around the handlers of an application: asked for by the calls of Application and
// Route, and made into gates and finishers when the application is built.
// Their order is said where authors look for it: in application.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/base/clock.h"
#include "server/http/handler.h"
#include "server/middleware/compress.h"
#include "server/middleware/cors.h"
#include "server/middleware/rate_limit.h"
#include "server/middleware/request_id.h"
#include "server/middleware/security_headers.h"
#include "server/middleware/throttle.h"
#include "server/shm/rate_limits.h"

namespace tollgate::api {

// What an application, or one of its routes, has asked for. What a route does not say is as its
// application says; limits, gate steps and finishers add up.
struct Steps {
  std::optional<middleware::Cors> cors;
  std::optional<middleware::SecurityHeaders> security_headers;
  std::optional<bool> compress;
  std::optional<bool> etag;
  bool request_id = false;  // the application's only
  bool json_only = false;   // a route's only
  std::optional<std::vector<middleware::Throttle>> throttles;
  std::vector<middleware::RateLimit> rate_limits;
  std::vector<http::GateStep> gate_steps;
  std::vector<http::Finisher> finishers;
};

// Makes them. What it made looks at it, and at what it was given: it outlives them. Errors:
// InvalidArgument, with a sentence.
class StepMaker {
 public:
  // `limits`: nullptr: a table of its own, when one is needed.
  StepMaker(const Steps& application, const Clock& clock, shm::RateLimits* limits)
      : application_(application), clock_(clock), limits_(limits) {}

  // Each as http::Route has it; empty where there is nothing to do.
  struct Made {
    http::GateStep gate;
    std::vector<http::Finisher> finishers;
    http::Preflight preflight;
  };
  // What stands around a route with this `authentication`. `name` tells routes apart.
  Result<Made> make(const Steps& route, const std::string& name, http::GateStep authentication);

  // Empty, unless requests are to have ids.
  std::function<void(http::Exchange&)> welcome();

 private:
  Result<http::GateStep> gate(const Steps& route, const std::string& name,
                              http::GateStep authentication);
  Status add_policies(Made& out, const Steps& route);
  void add_content_finishers(Made& out, const Steps& route);
  Status add_limits(std::vector<http::GateStep>& steps, const Steps& from, const std::string& scope,
                    middleware::RateKey by);
  Status add_throttles(std::vector<http::GateStep>& steps, const Steps& route);
  shm::RateLimits& limits();

  const Steps& application_;
  const Clock& clock_;
  shm::RateLimits* limits_;
  std::unique_ptr<shm::RateLimits> own_limits_;
  middleware::RequestIds ids_;
  middleware::Compressor compressor_;
};

}  // namespace tollgate::api
