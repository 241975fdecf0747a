// An application with everything around its handlers that a server has.
// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "app/api/application.h"

using namespace tollgate;

namespace {

std::string long_text() {
  std::string out;
  for (int i = 0; i < 200; ++i) out += "line " + std::to_string(i) + " of a text\n";
  return out;
}

// `size` bytes in which nothing repeats soon.
std::string large_text(std::size_t size) {
  std::string out;
  for (uint64_t i = 1; out.size() < size; ++i) out += std::to_string(i * i * 2'654'435'761U) + "\n";
  return out;
}

}  // namespace

TOLLGATE_APP(app) {
  app.cors({.allowed_origins = {"https://app.example.org"}, .expose_headers = {"X-Request-ID"}});
  app.security_headers();
  app.request_id();
  app.compress();
  app.etag();
  app.get("/limited", [] { return text("in time\n"); }).allow_anyone().rate_limit("20/hour");
  app.get("/private", [] { return text("private\n"); });
  app.get("/throws", []() -> Response { throw std::runtime_error("hunter2"); }).allow_anyone();
  app.get("/id", [](const Request& r) { return text(std::string(r.request_id())); }).allow_anyone();
  app.get("/text", [] { return text(long_text()); }).allow_anyone();
  app.get("/large", [] { return text(large_text(1'000'000)); }).allow_anyone();
  app.get("/secret", [] { return text(long_text()); }).allow_anyone().compress(false).etag(false);
  app.get("/stream",
          [] {
            return http::stream("text/plain", [n = 0]() mutable -> http::Pulled {
              if (n == 3) return std::nullopt;
              return "piece " + std::to_string(n++) + "\n";
            });
          })
      .allow_anyone()
      .blocking();
}
