// SPDX-License-Identifier: Apache-2.0
#include "app/api/application.h"

#include <algorithm>
#include <deque>
#include <exception>
#include <optional>
#include <vector>

#include "app/api/static_routes.h"
#include "app/api/steps.h"
#include "auth/http/authentication.h"
#include "auth/http/key_settings.h"
#include "auth/http/require.h"
#include "server/base/text.h"
#include "server/http/limits.h"
#include "server/log/logging.h"
#include "server/middleware/drf_rendering.h"
#include "server/middleware/recover.h"
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

namespace {
constexpr Bytes kTokenBodyLimit = 64_KiB;  // no token and no password is larger
}  // namespace

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

Route& Route::require(Permission permission) {
  definition_.permission = std::move(permission);
  definition_.for_anyone = false;
  return *this;
}

Route& Route::allow_anyone() {
  definition_.permission = auth::allow_anyone();
  definition_.for_anyone = true;
  return *this;
}

Route& Route::lenient_authentication() {
  definition_.lenient = true;
  return *this;
}

Route& Route::authenticate_with(Authenticators authenticators) {
  definition_.authenticators = std::move(authenticators);
  return *this;
}

Route& Route::without_authentication() { return authenticate_with({}).allow_anyone(); }

Route& Route::throttle(std::vector<Throttle> throttles) {
  definition_.steps.throttles = std::move(throttles);
  return *this;
}

Route& Route::json_only() {
  definition_.steps.json_only = true;
  return *this;
}

Route& Route::blocking() {
  definition_.runs_on = http::RunsOn::Threads;
  return *this;
}

Route& Route::hashes_passwords() {
  definition_.runs_on = http::RunsOn::Passwords;
  return *this;
}

Route& Route::body_limit(Bytes limit) {
  definition_.body_limit = http::limit_of(limit.count);
  return *this;
}

Route& Route::cors(Cors policy) {
  definition_.steps.cors = std::move(policy);
  return *this;
}

Route& Route::security_headers(SecurityHeaders headers) {
  definition_.steps.security_headers = std::move(headers);
  return *this;
}

Route& Route::compress(bool on) {
  definition_.steps.compress = on;
  return *this;
}

Route& Route::etag(bool on) {
  definition_.steps.etag = on;
  return *this;
}

Route& Route::rate_limit(std::string rate, RateOptions options) {
  definition_.steps.rate_limits.push_back({std::move(rate), std::move(options)});
  return *this;
}

Route& Route::gate_step(http::GateStep step) {
  definition_.steps.gate_steps.push_back(std::move(step));
  return *this;
}

Route& Route::finisher(http::Finisher finisher) {
  definition_.steps.finishers.push_back(std::move(finisher));
  return *this;
}

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

void Application::token_endpoints(const std::string& prefix, std::vector<Throttle> login) {
  impl_->token_prefix = prefix;
  Route obtain = obtain_endpoint(prefix);
  if (!login.empty()) obtain.throttle(std::move(login));
}

void Application::sliding_token_endpoints(const std::string& prefix) {
  impl_->sliding_prefix = prefix;
}

Route Application::obtain_endpoint(std::string_view pattern) {
  impl_->obtains = true;
  return post(pattern,
              [impl = impl_.get()](const Request& request) { return impl->obtain(request); })
      .without_authentication()
      .body_limit(kTokenBodyLimit)
      .hashes_passwords();
}

void Application::django_headers() {
  impl_->announces_methods = true;
  security_headers();
  finisher(middleware::drf_rendering());
}

void Application::static_files(std::string_view url, std::string directory) {
  impl_->static_routes.add(url, std::move(directory));
}

Result<auth::Authentication*> Application::Impl::authentication() {
  if (!auth) {
    TOLLGATE_TRY(made, auth::Authentication::create(config, clock));
    auth = std::move(made);
    if (claims_hook) auth->set_claims_hook(claims_hook);
  }
  return auth.get();
}

// What anyone may see, and who asks is not looked at, has no gate. Without a key no token can be
// checked: then what anyone may see can be served all the same.
Result<http::GateStep> Application::Impl::gate_of(const api::RouteDefinition& route) {
  const auth::Authenticators& ways = route.authenticators ? *route.authenticators : authenticators;
  const bool nobody_can_show_it =
      !auth::has_key(config) && std::ranges::none_of(ways, [](const Authenticator& way) {
        return way.kind == Authenticator::Kind::Issuer;
      });
  if (route.for_anyone && (ways.empty() || nobody_can_show_it)) return http::GateStep{};
  if (ways.empty()) return auth::require({.ways = {}, .permission = route.permission});
  TOLLGATE_TRY(authenticates, authentication());
  return authenticates->require(ways, route.permission, route.lenient);
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
Status Application::Impl::add_jwks() {
  const std::string& path = config.jwks_endpoint;
  if (!auth || !auth->has_public_keys() || path.empty()) return {};
  TOLLGATE_TRY(made, maker->make({.etag = true}, "GET " + path, {}));
  Status added = router->add({.pattern = path,
                              .method = http::Method::Get,
                              .gate = std::move(made.gate),
                              .handler = middleware::recover(auth->jwks()),
                              .finishers = std::move(made.finishers),
                              .preflight = std::move(made.preflight)});
  if (!added && added.error().code == Errc::Conflict) return {};
  return added;
}

// What is not known before the settings have been read. simplejwt's views look at no Authorization.
Status Application::add_token_endpoints() {
  Impl& impl = *impl_;
  TOLLGATE_TRY(authenticates, impl.authentication());
  TOLLGATE_CHECK(authenticates->needs_users());
  impl.obtain = authenticates->obtain();
  const auto define = [this](const std::string& path, http::Handler handler) {
    Route route = post(path, std::move(handler));
    return route.without_authentication().body_limit(kTokenBodyLimit);
  };
  if (const auto& prefix = impl.token_prefix) {
    define(*prefix + "refresh/", authenticates->refresh()).blocking();
    Route verify = define(*prefix + "verify/", authenticates->verify());
    if (authenticates->verify_blocks()) verify.blocking();
    if (authenticates->has_blacklist())
      define(*prefix + "blacklist/", authenticates->blacklist()).blocking();
  }
  if (const auto& prefix = impl.sliding_prefix) {
    define(*prefix, authenticates->sliding_obtain()).hashes_passwords();
    define(*prefix + "refresh/", authenticates->sliding_refresh()).blocking();
  }
  return {};
}

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

Status Application::use_keys(const std::shared_ptr<const jwt::KeyRing>& ring) {
  return impl_->auth ? impl_->auth->use(ring) : Status();
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
