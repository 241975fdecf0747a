// SPDX-License-Identifier: Apache-2.0
#include "app/api/steps.h"

#include "auth/http/negotiation.h"
#include "server/middleware/chain.h"
#include "server/middleware/etag.h"
#include "server/middleware/recover.h"

namespace tollgate::api {
namespace {

using middleware::RateKey;

template <class T>
const T& of(const T& route, const T& application) {
  return route ? route : application;
}

void add_gate_steps(std::vector<http::GateStep>& steps, const Steps& from) {
  for (const http::GateStep& step : from.gate_steps) steps.push_back(middleware::recover(step));
}

void add_finishers(std::vector<http::Finisher>& finishers, const Steps& from) {
  for (const http::Finisher& finisher : from.finishers)
    finishers.push_back(middleware::recover(finisher));
}

}  // namespace

shm::RateLimits& StepMaker::limits() {
  if (limits_ == nullptr) {
    own_limits_ = shm::RateLimits::create();
    limits_ = own_limits_.get();
  }
  return *limits_;
}

Status StepMaker::add_limits(std::vector<http::GateStep>& steps, const Steps& from,
                             const std::string& scope, RateKey by) {
  for (std::size_t i = 0; i < from.rate_limits.size(); ++i) {
    const middleware::RateLimit& limit = from.rate_limits[i];
    if (limit.options.by != by) continue;
    // Names of scopes and of routes do not meet: a route's begins with its method.
    const std::string own = scope + " " + std::to_string(i);
    TOLLGATE_TRY(
        step,
        middleware::make_rate_limit(
            limit, limit.options.scope.empty() ? own : "scope " + limit.options.scope, limits()));
    steps.push_back(std::move(step));
  }
  return {};
}

Result<StepMaker::Made> StepMaker::make(const Steps& route, const std::string& name,
                                        http::GateStep authentication) {
  TOLLGATE_TRY(made_gate, gate(route, name, std::move(authentication)));
  Made out{.gate = std::move(made_gate)};
  TOLLGATE_CHECK(add_policies(out, route));
  add_content_finishers(out, route);
  add_finishers(out.finishers, application_);
  add_finishers(out.finishers, route);
  return out;
}

Result<http::GateStep> StepMaker::gate(const Steps& route, const std::string& name,
                                       http::GateStep authentication) {
  std::vector<http::GateStep> steps;
  if (route.json_only) steps.emplace_back(auth::require_json_accepted);
  TOLLGATE_CHECK(add_limits(steps, application_, "application", RateKey::Address));
  TOLLGATE_CHECK(add_limits(steps, route, name, RateKey::Address));
  steps.push_back(std::move(authentication));
  TOLLGATE_CHECK(add_throttles(steps, route));
  TOLLGATE_CHECK(add_limits(steps, application_, "application", RateKey::User));
  TOLLGATE_CHECK(add_limits(steps, route, name, RateKey::User));
  add_gate_steps(steps, application_);
  add_gate_steps(steps, route);
  return middleware::chain(std::move(steps));
}

Status StepMaker::add_throttles(std::vector<http::GateStep>& steps, const Steps& route) {
  const auto& throttles = of(route.throttles, application_.throttles);
  if (!throttles || throttles->empty()) return {};
  TOLLGATE_TRY(made, middleware::make_throttles(*throttles, limits()));
  steps.push_back(std::move(made));
  return {};
}

// What browsers are told; the outermost.
Status StepMaker::add_policies(Made& out, const Steps& route) {
  if (const auto& cors = of(route.cors, application_.cors)) {
    TOLLGATE_TRY(made, middleware::make_cors(*cors));
    out.finishers.push_back(std::move(made.finisher));
    out.preflight = std::move(made.preflight);
  }
  if (application_.request_id)
    out.finishers.emplace_back([this](const http::Request& request, http::Response& response) {
      ids_.echo(request, response);
    });
  if (const auto& headers = of(route.security_headers, application_.security_headers)) {
    TOLLGATE_TRY(made, middleware::make_security_headers(*headers));
    out.finishers.push_back(std::move(made));
  }
  return {};
}

void StepMaker::add_content_finishers(Made& out, const Steps& route) {
  using middleware::Behind;
  const bool compress = of(route.compress, application_.compress).value_or(false);
  if (compress)
    out.finishers.emplace_back([this](const http::Request& request, http::Response& response) {
      compressor_.finish(request, response);
    });
  if (of(route.etag, application_.etag).value_or(false))
    out.finishers.push_back(
        middleware::make_etag(clock_, compress ? Behind::Compression : Behind::Nothing));
}

std::function<void(http::Exchange&)> StepMaker::welcome() {
  if (!application_.request_id) return {};
  return [this](http::Exchange& exchange) { ids_.name(exchange); };
}

}  // namespace tollgate::api
