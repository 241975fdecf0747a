// SPDX-License-Identifier: Apache-2.0
#include "auth/http/require.h"

#include <memory>
#include <utility>

#include "auth/http/answers.h"

namespace tollgate::auth {
namespace {

using http::Response;
using http::Verdict;

std::string_view scheme_of(std::string_view challenge) {
  return challenge.substr(0, challenge.find(' '));
}

class Gate {
 public:
  explicit Gate(Requirement requirement) : rules_(std::move(requirement)) {}

  // Asks the ways from this one on, then the permission.
  Verdict ask(http::Exchange& exchange, std::size_t from = 0) const {
    for (std::size_t i = from; i < rules_.ways.size(); ++i) {
      Verdict verdict = judge(rules_.ways[i].authenticate(exchange), exchange);
      if (auto* const pending = std::get_if<http::Pending>(&verdict)) {
        pending->look_up = [this, look_up = std::move(pending->look_up), &exchange] {
          return judge(look_up(), exchange);
        };
        pending->then = [this, &exchange, i] { return ask_next(exchange, i); };
        return verdict;
      }
      if (std::holds_alternative<Response>(verdict)) return verdict;
      if (exchange.request.identity.authenticated) break;
    }
    return permit(exchange);
  }

 private:
  Verdict ask_next(http::Exchange& exchange, std::size_t last) const {
    return exchange.request.identity.authenticated ? permit(exchange) : ask(exchange, last + 1);
  }

  // What becomes of what a way said.
  Verdict judge(Verdict verdict, http::Exchange& exchange) const {
    auto* const refusal = std::get_if<Response>(&verdict);
    if (refusal == nullptr || refusal->status() != 401) return verdict;
    exchange.request.identity = {};  // the claims of a user who is gone, say
    if (rules_.lenient) return http::Pass{};
    return challenged(std::move(*refusal));
  }

  Verdict permit(const http::Exchange& exchange) const {
    const http::Request request(exchange.request);
    if (rules_.permission.allows(request)) return http::Pass{};
    const http::Identity& identity = request.identity();
    if (!identity.authenticated && !rules_.ways.empty()) return challenged(not_authenticated());
    Response answer = permission_denied(rules_.permission.denial());
    if (rules_.tell_errors && !identity.claims.empty())
      answer.set_header("WWW-Authenticate",
                        R"(Bearer realm="api", error="insufficient_scope")");  // RFC 6750 3.1
    return answer;
  }

  // The first way's challenge; its own, where it has said more in it.
  Response challenged(Response answer) const {
    const std::string& first = rules_.ways.front().challenge;
    const std::string* const said = answer.header("WWW-Authenticate");
    if (said == nullptr || scheme_of(*said) != scheme_of(first))
      answer.set_header("WWW-Authenticate", first);
    return answer;
  }

  const Requirement rules_;
};

}  // namespace

http::GateStep require(Requirement requirement) {
  // Shared: a copy of the step must not move what a Pending looks at.
  const auto gate = std::make_shared<const Gate>(std::move(requirement));
  return [gate](http::Exchange& exchange) { return gate->ask(exchange); };
}

}  // namespace tollgate::auth
