// SPDX-License-Identifier: Apache-2.0
#include "app/api/application.h"

#include <exception>

#include "app/api/application_impl.h"
#include "server/base/text.h"
#include "server/log/logging.h"
#include "server/middleware/drf_rendering.h"
#include "server/middleware/recover.h"

namespace tollgate {
namespace api {

int64_t to_int(std::string_view digits) {
  return static_cast<int64_t>(parse_uint(digits, INT64_MAX).value_or(0));
}

namespace {

// The function's parameters and the pattern's must be the same.
Status check_parameters(const RouteDefinition& definition) {
  TOLLGATE_TRY(segments, routing::parse_pattern(definition.pattern));
  std::vector<routing::Segment::Kind> in_pattern;
  for (const routing::Segment& segment : segments)
    if (segment.kind != routing::Segment::Kind::Literal)
      in_pattern.push_back(segment.kind == routing::Segment::Kind::Int
                               ? routing::Segment::Kind::Int
                               : routing::Segment::Kind::Str);
  if (in_pattern == definition.adapted.parameters) return {};
  return fail(Errc::InvalidArgument,
              "route \"" + definition.pattern +
                  "\": its parameters are not those of its function: {id:int} needs an int64_t, "
                  "{name} a std::string_view, in the same order");
}

// A hook's exceptions stop here, as errors.
template <class F>
Status call(std::string_view name, F& hook) {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
      hook();
    } else if (Status done = hook(); !done) {
      return fail(with_context(name, done.error()));
    }
    return {};
  } catch (const std::exception& error) {
    return fail(Errc::Internal, std::string(name) + " threw: " + error.what());
  } catch (...) {
    return fail(Errc::Internal, std::string(name) + " threw");
  }
}

}  // namespace
}  // namespace api

Application::Application(const Config& config) : impl_(std::make_unique<Impl>(config)) {}
Application::~Application() = default;

const Config& Application::config() const { return impl_->config; }

Route Application::route(http::Method method, std::string_view pattern,
                         api::AdaptedHandler handler) {
  impl_->routes.push_back(
      {.method = method, .pattern = std::string(pattern), .adapted = std::move(handler)});
  return Route(impl_->routes.back());
}

void Application::keep(std::shared_ptr<void> owned) { impl_->owned.push_back(std::move(owned)); }

void Application::cors(Cors policy) { impl_->steps.cors = std::move(policy); }
void Application::security_headers(SecurityHeaders headers) {
  impl_->steps.security_headers = std::move(headers);
}
void Application::request_id() { impl_->steps.request_id = true; }
void Application::compress(bool on) { impl_->steps.compress = on; }
void Application::etag(bool on) { impl_->steps.etag = on; }
void Application::rate_limit(std::string rate, RateOptions options) {
  impl_->steps.rate_limits.push_back({std::move(rate), std::move(options)});
}
void Application::throttle(std::vector<Throttle> throttles) {
  impl_->steps.throttles = std::move(throttles);
}
void Application::authenticate_with(Authenticators authenticators) {
  impl_->authenticators = std::move(authenticators);
}
void Application::set_claims_hook(auth::ClaimsHook hook) { impl_->claims_hook = std::move(hook); }
void Application::gate_step(http::GateStep step) {
  impl_->steps.gate_steps.push_back(std::move(step));
}
void Application::finisher(http::Finisher finisher) {
  impl_->steps.finishers.push_back(std::move(finisher));
}
void Application::share(shm::RateLimits& limits) { impl_->rate_limits = &limits; }

void Application::django_headers() {
  impl_->announces_methods = true;
  security_headers();
  finisher(middleware::drf_rendering());
}

void Application::static_files(std::string_view url, std::string directory) {
  impl_->static_routes.add(url, std::move(directory));
}

Status Application::Impl::add(const api::RouteDefinition& route) {
  TOLLGATE_CHECK(api::check_parameters(route));
  TOLLGATE_TRY(authentication, gate_of(route));
  const std::string name = std::string(to_string(route.method)) + " " + route.pattern;
  auto made = maker->make(route.steps, name, middleware::recover(std::move(authentication)));
  if (!made) return fail(with_context("route \"" + route.pattern + "\"", made.error()));
  return router->add({.pattern = route.pattern,
                      .method = route.method,
                      .gate = std::move(made->gate),
                      .handler = middleware::recover(route.adapted.handler),
                      .runs_on = route.runs_on,
                      .body_limit = route.body_limit,
                      .finishers = std::move(made->finishers),
                      .preflight = std::move(made->preflight)});
}

Status Application::Impl::add_what_has_no_route() {
  TOLLGATE_TRY(made, maker->make({}, "", {}));
  for (http::Finisher& finisher : made.finishers) router->add_finisher(std::move(finisher));
  router->set_preflight(std::move(made.preflight));
  router->set_welcome(maker->welcome());
  return {};
}

// Behind the application's own routes, which go before. With secrets alone there is no route: it
// would hide a pattern of the application's that fits, too.
Result<http::Service*> Application::build() {
  Impl& impl = *impl_;
  impl.router = std::make_unique<routing::Router>(impl.config.allowed_hosts);
  impl.maker = std::make_unique<api::StepMaker>(impl.steps, impl.clock, impl.rate_limits);
  if (impl.announces_methods) impl.router->announce_methods();
  if (impl.obtains || impl.sliding_prefix) TOLLGATE_CHECK(add_token_endpoints());
  TOLLGATE_CHECK(impl.add_what_has_no_route());
  for (const api::RouteDefinition& route : impl.routes) TOLLGATE_CHECK(impl.add(route));
  TOLLGATE_CHECK(impl.add_jwks());
  TOLLGATE_CHECK(impl.static_routes.build(impl.config, *impl.router, *impl.maker));
  return impl.router.get();
}

void Application::add_start_hook(std::function<Status()> hook) {
  impl_->start_hooks.push_back(std::move(hook));
}

void Application::on_ready(std::function<void()> function) {
  impl_->ready_hooks.push_back(std::move(function));
}

void Application::on_worker_stop(std::function<void()> function) {
  impl_->stop_hooks.push_back(std::move(function));
}

Status Application::started() {
  for (auto& hook : impl_->start_hooks) TOLLGATE_CHECK(api::call("on_worker_start", hook));
  return {};
}

void Application::ready() {
  for (auto& hook : impl_->ready_hooks)
    if (const Status done = api::call("on_ready", hook); !done)
      log::error("{}", done.error().message);
}

void Application::stopping() {
  for (auto hook = impl_->stop_hooks.rbegin(); hook != impl_->stop_hooks.rend(); ++hook)
    if (const Status done = api::call("on_worker_stop", *hook); !done)
      log::error("{}", done.error().message);
}

}  // namespace tollgate
