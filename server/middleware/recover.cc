// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/recover.h"

#include <cxxabi.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <typeinfo>

#include "server/base/text.h"
#include "server/log/logging.h"

namespace tollgate::middleware {
namespace {

// "std::out_of_range: map::at". The stack is unwound by now: where it was thrown, nobody knows.
std::string describe(const std::exception& error) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status), &std::free);
  return fmt::format("{}: {}", name ? name.get() : typeid(error).name(), error.what());
}

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
  } catch (const std::bad_alloc&) {
    log::critical("out of memory in {}: the worker ends", request.path);
    std::terminate();
  } catch (const std::exception& error) {
    return failed(request, describe(error));
  } catch (...) {
    return failed(request, "something that is not a std::exception was thrown");
  }
}

}  // namespace

// Its head is out, so that there is no answer to give: an Error, with which the connection ends.
http::Generator recover(http::Generator generator) {
  return [generator = std::move(generator)]() -> http::Pulled {
    try {
      return generator();
    } catch (const std::bad_alloc&) {
      log::critical("out of memory in the body of a response: the worker ends");
      std::terminate();
    } catch (const std::exception& error) {
      return fail(Errc::Internal, describe(error));
    } catch (...) {
      return fail(Errc::Internal, "something that is not a std::exception was thrown");
    }
  };
}

http::Handler recover(http::Handler handler) {
  return [handler = std::move(handler)](const http::Request& request) {
    http::Response response = guarded(request.parts(), [&] { return handler(request); });
    if (const auto* generator = std::get_if<http::Generator>(&response.content()))
      response.set_content(recover(*generator));
    return response;
  };
}

http::GateStep recover(http::GateStep gate) {
  if (!gate) return gate;
  return [gate = std::move(gate)](http::Exchange& exchange) {
    http::Verdict verdict = guarded(exchange.request, [&] { return gate(exchange); });
    if (auto* pending = std::get_if<http::Pending>(&verdict)) {
      for (auto* step : {&pending->look_up, &pending->then})
        if (*step)
          *step = [inner = std::move(*step), &exchange] {
            return guarded(exchange.request, inner);
          };
    }
    return verdict;
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
