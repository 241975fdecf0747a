// One answered request, as the access log sees it: plain values, no HTTP types.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "server/base/clock.h"

namespace tollgate::log {

// Finds a header field by its lower-case name; empty for none. Refers to the
// function it was made from, which has to outlive it: a lambda written into the
// AccessRecord of a call lives exactly long enough.
class FieldLookup {
 public:
  FieldLookup() = default;  // finds nothing
  template <class F>
  requires std::is_class_v<F> && std::is_invocable_r_v<std::string_view, const F&, std::string_view>
  FieldLookup(const F& find)  // NOLINT(google-explicit-constructor)
      : object_(&find), call_([](const void* object, std::string_view name) -> std::string_view {
          return (*static_cast<const F*>(object))(name);
        }) {}

  std::string_view operator()(std::string_view name) const {
    return call_ == nullptr ? std::string_view() : call_(object_, name);
  }

 private:
  const void* object_ = nullptr;
  std::string_view (*call_)(const void*, std::string_view) = nullptr;
};

// Views live until AccessLog::append returns. What is unknown stays empty and
// is logged as "-"; a request that could not be parsed has no method.
struct AccessRecord {
  WallTime time{};                       // when the answer was complete, as in Gunicorn
  std::string_view remote_address = {};  // without a port; empty for a Unix socket
  std::string_view user = {};
  std::string_view method = {};
  std::string_view target = {};    // as sent: "/notes?page=2"
  std::string_view path = {};      // "/notes"
  std::string_view query = {};     // "page=2"
  std::string_view protocol = {};  // "HTTP/1.1"
  int status = 0;
  uint64_t bytes = 0;  // of the body that were sent, without framing
  std::chrono::microseconds duration{};
  FieldLookup request_field = {};
  FieldLookup response_field = {};
  pid_t pid = 0;
};

}  // namespace tollgate::log
