// What an Application is made of, for its own sources only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/api/application.h"
#include "app/api/static_routes.h"
#include "app/api/steps.h"
#include "auth/http/authentication.h"
#include "server/routing/router.h"

namespace tollgate {
namespace api {

struct RouteDefinition {
  http::Method method;
  std::string pattern;
  AdaptedHandler adapted;
  Permission permission = is_authenticated();
  std::optional<auth::Authenticators> authenticators = {};  // none: the application's
  bool for_anyone = false;                                  // the permission
  bool lenient = false;
  http::RunsOn runs_on = http::RunsOn::Loop;
  std::optional<uint64_t> body_limit = {};
  Steps steps = {};
};

}  // namespace api

struct Application::Impl {
  explicit Impl(const Config& settings) : config(settings) {}
  // What was made last may use what was made before it.
  ~Impl() {
    while (!owned.empty()) owned.pop_back();
  }

  Result<http::GateStep> gate_of(const api::RouteDefinition& route);
  Result<auth::Authentication*> authentication();
  Status add(const api::RouteDefinition& route);
  Status add_what_has_no_route();
  Status add_jwks();

  const Config& config;
  SystemClock clock;
  std::deque<api::RouteDefinition> routes;  // a deque: Route holds references
  api::Steps steps;
  shm::RateLimits* rate_limits = nullptr;
  std::unique_ptr<api::StepMaker> maker;  // what it made is the router's
  auth::Authenticators authenticators = {bearer()};
  auth::ClaimsHook claims_hook;
  std::optional<std::string> token_prefix;
  std::optional<std::string> sliding_prefix;
  bool obtains = false;
  http::Handler obtain;  // of Authentication, if `obtains`
  bool announces_methods = false;
  std::unique_ptr<auth::Authentication> auth;
  api::StaticRoutes static_routes{clock};
  std::unique_ptr<routing::Router> router;
  std::vector<std::shared_ptr<void>> owned;
  std::vector<std::function<Status()>> start_hooks;
  std::vector<std::function<void()>> ready_hooks;
  std::vector<std::function<void()>> stop_hooks;  // called last added first
};

}  // namespace tollgate
