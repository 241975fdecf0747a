// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/recover.h"

#include <fmt/format.h>
#include <unistd.h>

#include <exception>
#include <new>

#include "server/log/logging.h"

namespace tollgate::middleware {
namespace {

http::Response failed(const http::Request& request, const char* what) {
  const std::string id = fmt::format("{}-{}", getpid(), request.id());
  log::error("{} {} failed (error id {}): {}", request.method_text(), request.path(), id, what);
  return http::json_text(fmt::format(R"({{"detail":"Internal Server Error","error_id":"{}"}})", id),
                         500);
}

}  // namespace

http::Handler recover(http::Handler handler) {
  return [handler = std::move(handler)](const http::Request& request) {
    try {
      return handler(request);
    } catch (const std::bad_alloc&) {
      log::critical("out of memory in {}: the worker ends", request.path());
      std::terminate();
    } catch (const std::exception& error) {
      return failed(request, error.what());
    } catch (...) {
      return failed(request, "something that is not a std::exception was thrown");
    }
  };
}

}  // namespace tollgate::middleware
