// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/chain.h"

#include <gtest/gtest.h>

#include <string>

namespace tollgate::middleware {
namespace {

using http::Exchange;
using http::Pass;
using http::Pending;
using http::Response;
using http::Verdict;

enum class Says { Pass, Refuse, Pend, PendAndRefuse, PendThenRefuse, PendThenPend };

// A step that notes that it was asked, and what it does later.
http::GateStep step(std::string name, Says says, std::string& log) {
  return [name = std::move(name), says, &log](Exchange&) -> Verdict {
    log += name;
    if (says == Says::Pass) return Pass{};
    if (says == Says::Refuse) return Response(403);
    const auto later = [&log, name](const char* what, bool passes) {
      return [&log, text = name + what, passes]() -> Verdict {
        log += text;
        return passes ? Verdict(Pass{}) : Verdict(Response(403));
      };
    };
    Pending pending{.look_up = later("?", says != Says::PendAndRefuse)};
    if (says == Says::PendThenRefuse) pending.then = later("!", false);
    if (says == Says::PendThenPend)
      pending.then = [later]() -> Verdict { return Pending{.look_up = later("??", true)}; };
    return pending;
  };
}

// As a connection does it.
int status_of(const http::GateStep& gate, Exchange& exchange) {
  Verdict verdict = gate(exchange);
  while (auto* pending = std::get_if<Pending>(&verdict)) {
    const auto then = pending->then;
    verdict = pending->look_up();
    if (std::holds_alternative<Pass>(verdict) && then) verdict = then();
  }
  const auto* const response = std::get_if<Response>(&verdict);
  return response != nullptr ? response->status() : 0;
}

TEST(Chain, AsksInOrderUntilOneRefuses) {
  const struct {
    std::vector<Says> steps;
    const char* log;
    int status;  // 0: passed
  } cases[] = {
      {{Says::Pass, Says::Pass, Says::Pass}, "abc", 0},
      {{Says::Pass, Says::Refuse, Says::Pass}, "ab", 403},
      {{Says::Pend, Says::Pass}, "aa?b", 0},
      {{Says::Pend, Says::Pend, Says::Pend}, "aa?bb?cc?", 0},
      {{Says::PendAndRefuse, Says::Pass}, "aa?", 403},
      {{Says::PendThenRefuse, Says::Pass}, "aa?a!", 403},
      {{Says::PendThenPend, Says::Pass, Says::Refuse}, "aa?a??bc", 403},
      {{Says::Pass, Says::Pend}, "abb?", 0},
      {{Says::PendThenRefuse}, "aa?a!", 403},
  };
  for (const auto& c : cases) {
    std::string log;
    std::vector<http::GateStep> steps;
    for (const Says says : c.steps)
      steps.push_back(step(std::string(1, static_cast<char>('a' + steps.size())), says, log));
    Exchange exchange;
    EXPECT_EQ(status_of(chain(std::move(steps)), exchange), c.status) << c.log;
    EXPECT_EQ(log, c.log);
  }
}

TEST(Chain, OfNothingIsNothing) {
  EXPECT_FALSE(chain({}));
  EXPECT_FALSE(chain({{}, {}}));
  std::string log;
  EXPECT_TRUE(chain({{}, step("a", Says::Pass, log)}));
}

}  // namespace
}  // namespace tollgate::middleware
