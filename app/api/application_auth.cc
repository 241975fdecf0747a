// Who may: gates, the token endpoints, the public keys.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "app/api/application_impl.h"
#include "auth/http/key_settings.h"
#include "auth/http/require.h"
#include "server/middleware/recover.h"

namespace tollgate {
namespace {

constexpr Bytes kTokenBodyLimit = 64_KiB;  // no token and no password is larger

}  // namespace

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

Status Application::use_keys(const std::shared_ptr<const jwt::KeyRing>& ring) {
  return impl_->auth ? impl_->auth->use(ring) : Status();
}

}  // namespace tollgate
