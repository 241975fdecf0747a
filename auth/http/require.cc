// SPDX-License-Identifier: Apache-2.0
#include "auth/http/require.h"

#include <utility>

#include "auth/http/answers.h"

namespace tollgate::auth {
namespace {

http::Verdict permit(const Permission& permission, const http::Exchange& exchange) {
  const http::Request request(exchange.request);
  if (permission.allows(request)) return http::Pass{};
  return request.identity().authenticated ? permission_denied() : not_authenticated();
}

}  // namespace

http::GateStep require(BearerAuthenticator& authenticator, Permission permission) {
  return [&authenticator, permission = std::move(permission)](http::Exchange& exchange) {
    http::Verdict verdict = authenticator.authenticate(exchange);
    if (std::holds_alternative<http::Pass>(verdict)) return permit(permission, exchange);
    if (auto* pending = std::get_if<http::Pending>(&verdict))
      pending->then = [&permission, &exchange] { return permit(permission, exchange); };
    return verdict;
  };
}

}  // namespace tollgate::auth
