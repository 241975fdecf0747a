// What an author writes: an application is a shared object that defines one
// function with TOLLGATE_APP.
//
//   #include <app/api/application.h>
//   using namespace tollgate;
//
//   TOLLGATE_APP(app) {
//     app.get("/hello", [] { return text("hello\n"); }).allow_anyone();
//     app.get("/api/me", [](const Request& r) { return json({{"user", r.identity().name}}); });
//   }
//
// It runs once in each worker, after the fork, before the first request.
// Handlers are plain functions (handler_traits.h says which); they return a
// Response or a Result<Response>, and may throw, which is answered 500.
// Closed unless opened: a route asks for an authenticated caller unless it says otherwise.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "app/api/abi.h"
#include "app/api/handler_traits.h"
#include "app/api/json.h"
#include "auth/http/authenticator.h"
#include "auth/http/claims.h"
#include "auth/http/permission.h"
#include "server/base/export.h"
#include "server/config/config.h"
#include "server/http/handler.h"
#include "server/http/request.h"
#include "server/http/response.h"
#include "server/middleware/cors.h"
#include "server/middleware/rate_limit.h"
#include "server/middleware/security_headers.h"
#include "server/middleware/throttle.h"

namespace tollgate {

using auth::allow_anyone;
using auth::Authenticator;
using auth::Authenticators;
using auth::basic;
using auth::bearer;
using auth::check_object;
using auth::ClaimsFor;
using auth::cookie;
using auth::has_claim;
using auth::is_admin;
using auth::is_authenticated;
using auth::is_authenticated_or_read_only;
using auth::Issuer;
using auth::ObjectPermission;
using auth::Permission;
using auth::read_only;
using auth::stateless;
using auth::TokenClasses;
using auth::tokens_of;
using http::BodyReader;
using http::Form;
using http::Request;
using http::Response;
using http::text;
using http::UploadedFile;
using middleware::anon_rate;
using middleware::Cors;
using middleware::RateKey;
using middleware::RateOptions;
using middleware::scoped_rate;
using middleware::SecurityHeaders;
using middleware::Throttle;
using middleware::user_rate;

namespace api {
struct RouteDefinition;
}
namespace jwt {
class KeyRing;
}
namespace shm {
class RateLimits;
}

// What TOLLGATE_APP, or a constructor that own() calls, throws when a setting is missing or
// wrong: the server ends with 78 (configuration) and not with 4 (application).
class TOLLGATE_API ConfigurationError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The route just defined: its rules follow as calls. Valid within TOLLGATE_APP.
class TOLLGATE_API Route {
 public:
  // Authenticates, and lets nobody in of whom `permission` says no: 401 to the
  // unknown, 403 to the known. Replaces the default, is_authenticated().
  Route& require(Permission permission);

  // require(allow_anyone()): still, as in DRF, a token that is sent must be valid.
  Route& allow_anyone();

  // A token that is sent and no good counts as not sent, where in DRF it is 401 even where anyone
  // may: so a stale one does not close what is public.
  Route& lenient_authentication();

  // How callers show who they are, in place of what the application says; bearer() if neither says.
  // {}: nobody is known (DRF: authentication_classes = []), so that is_authenticated() is 403.
  Route& authenticate_with(Authenticators authenticators);

  // Anyone may, and no credentials are looked at: authenticate_with({}) and allow_anyone().
  Route& without_authentication();

  // How often a caller may ask, once permitted: in place of what the application says.
  Route& throttle(std::vector<Throttle> throttles);

  // 406, ahead of all else, to clients whose Accept does not take application/json (DRF, with
  // the JSON renderer only).
  Route& json_only();

  // The handler may block: it runs on the worker's pool of `threads`. When its queue is
  // full the answer is 503 with Retry-After. Without this, it runs on the loop and must not block.
  Route& blocking();

  // On the pool of password hashing, which has a queue of its own.
  Route& hashes_passwords();

  // The largest body, in place of limit_request_body; of one that comes compressed, inflated. More
  // is answered 413. As in the settings, 0 means no limit.
  Route& body_limit(Bytes limit);

  // As those of Application, for this route. The first four take the place of what the
  // application says; the others come in addition, inside of the application's.
  Route& cors(Cors policy);
  Route& security_headers(SecurityHeaders headers);
  Route& compress(bool on = true);
  Route& etag(bool on = true);
  Route& rate_limit(std::string rate, RateOptions options = {});
  Route& gate_step(http::GateStep step);
  Route& finisher(http::Finisher finisher);

 private:
  friend class Application;
  explicit Route(api::RouteDefinition& definition) : definition_(definition) {}
  api::RouteDefinition& definition_;
};

class TOLLGATE_API Application {
 public:
  // `config` outlives the application. Made by the server, in each worker.
  explicit Application(const Config& config);
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;
  // Destroys what own() made, last made first, after the last request.
  ~Application();

  template <class F>
  Route get(std::string_view pattern, F handler) {
    return route(http::Method::Get, pattern, api::adapt(std::move(handler)));
  }
  template <class F>
  Route post(std::string_view pattern, F handler) {
    return route(http::Method::Post, pattern, api::adapt(std::move(handler)));
  }
  template <class F>
  Route put(std::string_view pattern, F handler) {
    return route(http::Method::Put, pattern, api::adapt(std::move(handler)));
  }
  template <class F>
  Route patch(std::string_view pattern, F handler) {
    return route(http::Method::Patch, pattern, api::adapt(std::move(handler)));
  }
  template <class F>
  Route del(std::string_view pattern, F handler) {
    return route(http::Method::Delete, pattern, api::adapt(std::move(handler)));
  }

  // Hooks: functions that are called in each worker, once, on the loop's thread, in the order in
  // which they were added; those of on_worker_stop in the reverse. They may block for as long as
  // boot_timeout and graceful_timeout say. The development server calls them, too.
  //
  // When the application is built, before the worker accepts a connection: open what routes
  // need. F gives nothing or a Status; an error, or what it throws, and the worker does not start.
  template <class F>
  void on_worker_start(F function) {
    add_start_hook([function = std::move(function)]() mutable -> Status {
      if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
        function();
        return {};
      } else {
        return function();
      }
    });
  }
  // When the worker serves. What it throws is logged.
  void on_ready(std::function<void()> function);
  // When the last request is answered, or graceful_timeout has passed, and the process is about to
  // end; a handler that never came back may still run. Not called in a worker that did not start,
  // or that is killed. What it throws is logged, and the next hook called.
  void on_worker_stop(std::function<void()> function);

  // Makes a T(arguments…) that lives as long as the worker, and gives a reference to it.
  template <class T, class... Arguments>
  T& own(Arguments&&... arguments) {
    auto owned = std::make_shared<T>(std::forward<Arguments>(arguments)...);
    T& reference = *owned;
    keep(std::move(owned));
    return reference;
  }

  // What stands around the handlers. It holds for all routes, whenever they were defined, and what
  // answers concerns also what has no route (404). The order, whatever that of these calls:
  //
  //   in:   Accept -> limits by address -> authentication, permission -> throttles
  //         -> limits by user -> gate steps
  //         the application's ahead of the route's
  //   out:  the route's finishers, the application's -> ETag -> compression -> security headers
  //         -> request id -> CORS
  //         of the finishers the last added first
  //
  // Which pages of other origins may read the answers.
  void cors(Cors policy);
  void security_headers(SecurityHeaders headers = {});
  // X-Request-ID: taken from the client or made; in request.request_id(), in the response, and the
  // error_id of a 500.
  void request_id();
  // brotli or gzip, as the client accepts them: media types that profit, from 1 KiB. Static files
  // and pushed answers are left alone.
  // Whoever can see the length of a compressed response, and put text of his own into it again and
  // again, finds out what else is in it, through TLS (BREACH, CVE-2013-3587). So this is off
  // unless it is asked for, and is not for responses that hold both a secret (a token against
  // CSRF, an e-mail address) and something of the request (a search's words): turn it off there.
  void compress(bool on = true);
  // ETag, and 304 or 412 where the client's conditions say so.
  void etag(bool on = true);
  // How often a client may ask: "20/min"; of all routes together. In addition to the limits of
  // routes. What has no route (404) is not counted.
  void rate_limit(std::string rate, RateOptions options = {});
  // Of routes that say nothing else; DRF's DEFAULT_THROTTLE_CLASSES. The token endpoints are
  // routes, too.
  void throttle(std::vector<Throttle> throttles);
  // The same of authenticators. Without a call: {bearer()}.
  void authenticate_with(Authenticators authenticators);
  // Is asked on the loop when the caller is known, permitted and within limits: Pass, a
  // response instead of the handler's, or Pending with a look_up that may block, which runs on the
  // pool. First added first.
  void gate_step(http::GateStep step);
  // Runs on each response, on the loop; last added first.
  void finisher(http::Finisher finisher);

  // simplejwt's endpoints: `prefix` obtains a pair, prefix + "refresh/", prefix + "verify/" and,
  // with the setting token_blacklist, prefix + "blacklist/".
  // `login`: of the first of them, which checks passwords: {anon_rate("5/min")}.
  void token_endpoints(const std::string& prefix = "/api/token/", std::vector<Throttle> login = {});
  // Those of sliding tokens: `prefix` obtains one, prefix + "refresh/" exchanges it.
  void sliding_token_endpoints(const std::string& prefix = "/api/sliding/");

  // Obtains a pair, like the first of token_endpoints(): for a path, or with rules, of its own.
  Route obtain_endpoint(std::string_view pattern);

  // What Django and DRF answer besides what is asked: security_headers(), Allow and Vary: Accept on
  // each response, and JSON indented as "Accept: application/json; indent=4" wants it.
  void django_headers();

  // What is put into the tokens of a user besides: a JSON object, or a Result of one.
  //   app.claims([](const ClaimsFor& user) -> Json { return {{"name", user.username}}; });
  // Asked at each login and each refresh, where their endpoints run (the pools: it may block, and
  // is called by several threads). What decides for whom and how long a token holds (user_id, exp,
  // …) is not its to say: that, and what it throws, is a 500.
  template <class F>
  void claims(F hook) {
    set_claims_hook([hook = std::move(hook)](const ClaimsFor& user) -> Result<std::string> {
      Result<Json> object = hook(user);
      if (!object) return fail(std::move(object).error());
      return object->dump(-1, ' ', false, Json::error_handler_t::replace);
    });
  }

  // The files below `directory` under `url`, which begins and ends with a slash:
  //   app.static_files("/static/", "/srv/www/static");
  // Anyone may read them; no token is looked at. Routes come first.
  void static_files(std::string_view url, std::string directory);

  const Config& config() const;

  // For the server, ahead of build(): the table of rate limits that all workers share, which
  // outlives the application. Without it, the application has one of its own.
  void share(shm::RateLimits& limits);

  // For the server: what the calls above made. Valid until the application dies.
  // Errors: InvalidArgument or Conflict (a bad route), Unavailable (a setting that the
  // routes need is missing: the message names it and the way out). A policy or a rate that cannot
  // be is InvalidArgument, too.
  Result<http::Service*> build();

  // For the server: other keys than those of the settings, from now on. On the loop. Errors:
  // Internal (OpenSSL).
  Status use_keys(const std::shared_ptr<const jwt::KeyRing>& ring);

  // For the server: calls the hooks of that moment. Nothing is thrown out of them.
  // Errors: that of the first start hook that failed; the others are not called.
  Status started();
  void ready();
  void stopping();

 private:
  struct Impl;

  Route route(http::Method method, std::string_view pattern, api::AdaptedHandler handler);
  void keep(std::shared_ptr<void> owned);
  void add_start_hook(std::function<Status()> hook);
  Status add_token_endpoints();
  void set_claims_hook(auth::ClaimsHook hook);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tollgate
