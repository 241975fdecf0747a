// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/chain.h"

#include <memory>
#include <span>

namespace tollgate::middleware {
namespace {

using Steps = std::span<const http::GateStep>;

http::Verdict ask(Steps steps, http::Exchange& exchange);

// `verdict` is what was said ahead of `rest`.
http::Verdict go_on(http::Verdict verdict, Steps rest, http::Exchange& exchange) {
  if (std::holds_alternative<http::Pass>(verdict)) return ask(rest, exchange);
  auto* const pending = std::get_if<http::Pending>(&verdict);
  if (pending == nullptr || rest.empty()) return verdict;
  pending->then = [then = std::move(pending->then), rest, &exchange] {
    return go_on(then ? then() : http::Pass{}, rest, exchange);
  };
  return verdict;
}

http::Verdict ask(Steps steps, http::Exchange& exchange) {
  if (steps.empty()) return http::Pass{};
  return go_on(steps.front()(exchange), steps.subspan(1), exchange);
}

}  // namespace

http::GateStep chain(std::vector<http::GateStep> steps) {
  std::erase_if(steps, [](const http::GateStep& step) { return !step; });
  if (steps.empty()) return {};
  if (steps.size() == 1) return std::move(steps.front());
  // Shared: a copy of the step must not move what a Pending looks at.
  auto kept = std::make_shared<const std::vector<http::GateStep>>(std::move(steps));
  return [kept](http::Exchange& exchange) { return ask(*kept, exchange); };
}

}  // namespace tollgate::middleware
