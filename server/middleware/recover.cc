// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/recover.h"

#include <fmt/format.h>
#include <unistd.h>

#include "server/base/text.h"
#include "server/log/exception_text.h"
#include "server/log/logging.h"

namespace tollgate::middleware {
namespace {

http::Response failed(const http::RequestParts& request, std::string_view what) {
  const std::string id = request.request_id.empty() ? fmt::format("{}-{}", getpid(), request.id)
                                                    : std::string(request.request_id);
  log::error("{} {} failed (error id {}): {}", request.method_text, request.path, id, what);
  return http::json_text(
      fmt::format(R"({{"detail":"Internal Server Error","error_id":{}}})", json_quote(id)), 500);
}

// What `work` returns, or the 500.
template <class Work>
auto guarded(const http::RequestParts& request, const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (...) {
    return failed(request, log::describe_exception());
  }
}

// What it asks for later is guarded, too, and what that asks for.
http::Verdict guarded_later(http::Verdict verdict, http::Exchange& exchange) {
  if (auto* pending = std::get_if<http::Pending>(&verdict))
    for (auto* step : {&pending->look_up, &pending->then})
      if (*step)
        *step = [inner = std::move(*step), &exchange] {
          return guarded_later(guarded(exchange.request, inner), exchange);
        };
  return verdict;
}

}  // namespace

http::Handler recover(http::Handler handler) {
  return [handler = std::move(handler)](const http::Request& request) {
    return guarded(request.parts(), [&] { return handler(request); });
  };
}

http::GateStep recover(http::GateStep gate) {
  if (!gate) return gate;
  return [gate = std::move(gate)](http::Exchange& exchange) {
    return guarded_later(guarded(exchange.request, [&] { return gate(exchange); }), exchange);
  };
}

http::Finisher recover(http::Finisher finisher) {
  return [finisher = std::move(finisher)](const http::Request& request, http::Response& response) {
    response = guarded(request.parts(), [&] {
      finisher(request, response);
      return std::move(response);
    });
  };
}

}  // namespace tollgate::middleware
