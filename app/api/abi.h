// The stamp that says what an application was built for.
//
// Application and server share C++ types, so they must agree on version,
// compiler, sanitizer and containers. The stamp stands in the file as text behind a marker:
// the server reads it before any code of the application runs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>  // _GLIBCXX_RELEASE

#define TOLLGATE_STRINGIFY_(x) #x
#define TOLLGATE_STRINGIFY(x) TOLLGATE_STRINGIFY_(x)

// Raised with every change of the types that applications share by value: those of app/api,
// auth/http/{authenticator,permission}.h, auth/tokens/claims_hook.h, server/base,
// server/config/config.h (a setting more moves the others), server/http, and the options in
// server/middleware (Cors, RateOptions, SecurityHeaders, Throttle).
#define TOLLGATE_ABI 7

#if defined(__SANITIZE_ADDRESS__)
#define TOLLGATE_SANITIZER "asan"
#elif defined(__SANITIZE_THREAD__)
#define TOLLGATE_SANITIZER "tsan"
#elif defined(__has_feature)  // clang's way of saying it; on a line of its own for those without
#if __has_feature(address_sanitizer)
#define TOLLGATE_SANITIZER "asan"
#elif __has_feature(thread_sanitizer)
#define TOLLGATE_SANITIZER "tsan"
#endif
#endif
#ifndef TOLLGATE_SANITIZER
#define TOLLGATE_SANITIZER "plain"
#endif

#ifdef _GLIBCXX_DEBUG  // containers of another size
#define TOLLGATE_CONTAINERS ", debug-containers"
#else
#define TOLLGATE_CONTAINERS ""
#endif

#if defined(__clang__)
#define TOLLGATE_COMPILER "clang"
#else
#define TOLLGATE_COMPILER "g++"
#endif

#if _GLIBCXX_USE_CXX11_ABI
#define TOLLGATE_STRINGS "cxx11"
#else
#define TOLLGATE_STRINGS "old-strings"
#endif

#define TOLLGATE_STAMP                                                                            \
  "abi " TOLLGATE_STRINGIFY(TOLLGATE_ABI) ", libstdc++ " TOLLGATE_STRINGS " " TOLLGATE_STRINGIFY( \
      _GLIBCXX_RELEASE) " (" TOLLGATE_COMPILER "), " TOLLGATE_SANITIZER TOLLGATE_CONTAINERS

// What the loader looks for in the file, before any of its code runs.
#define TOLLGATE_STAMP_MARKER "\1tollgate-application\1"

namespace tollgate {

class Application;

struct ApplicationEntry {
  const char* stamp;  // TOLLGATE_STAMP_MARKER TOLLGATE_STAMP
  void (*define)(Application&);
};

}  // namespace tollgate

// Defines the application; once in a shared object.
#define TOLLGATE_APP(app)                                                                          \
  static void tollgate_define_application(::tollgate::Application& app);                           \
  extern "C" __attribute__((visibility("default")))                                                \
  const ::tollgate::ApplicationEntry tollgate_application = {TOLLGATE_STAMP_MARKER TOLLGATE_STAMP, \
                                                             &tollgate_define_application};        \
  static void tollgate_define_application(::tollgate::Application& app)
