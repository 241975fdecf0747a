// How a plain function becomes a Handler: its parameters are the request, if
// it wants it, and the path's parameters in their order.
//
//   [] { … }
//   [](const Request& r) { … }
//   [](const Request& r, int64_t id, std::string_view name) { … }
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "server/base/export.h"
#include "server/base/result.h"
#include "server/http/handler.h"
#include "server/http/request.h"
#include "server/http/response.h"
#include "server/routing/pattern.h"

namespace tollgate::api {

// An application's function, and what its pattern must have.
struct AdaptedHandler {
  http::Handler handler;
  std::vector<routing::Segment::Kind> parameters;  // Int or Str
};

// Digits that the route has checked.
TOLLGATE_API int64_t to_int(std::string_view digits);

template <class T>
struct PathParameter;
template <>
struct PathParameter<int64_t> {
  static constexpr auto kKind = routing::Segment::Kind::Int;
  static int64_t from(std::string_view text) { return to_int(text); }
};
template <>
struct PathParameter<std::string_view> {
  static constexpr auto kKind = routing::Segment::Kind::Str;
  static std::string_view from(std::string_view text) { return text; }
};
template <>
struct PathParameter<std::string> {
  static constexpr auto kKind = routing::Segment::Kind::Str;
  static std::string from(std::string_view text) { return std::string(text); }
};

inline http::Response to_response(http::Response response) { return response; }
inline http::Response to_response(Result<http::Response> result) {
  return result ? *std::move(result) : http::error_response(result.error());
}

template <class F>
struct Signature : Signature<decltype(&F::operator())> {};
// A Handler as it is, as the server's own endpoints come.
template <>
struct Signature<http::Handler> {
  using Arguments = std::tuple<const http::Request&>;
};
template <class R, class... Args>
struct Signature<R (*)(Args...)> {
  using Arguments = std::tuple<Args...>;
};
template <class F, class R, class... Args>
struct Signature<R (F::*)(Args...) const> {
  using Arguments = std::tuple<Args...>;
};
template <class R, class... Args>
struct Signature<R (*)(Args...) noexcept> : Signature<R (*)(Args...)> {};
template <class F, class R, class... Args>
struct Signature<R (F::*)(Args...) const noexcept> : Signature<R (F::*)(Args...) const> {};

template <class Arguments>
struct Split {  // no request wanted
  using Parameters = Arguments;
  static constexpr bool kWantsRequest = false;
};
template <class... Rest>
struct Split<std::tuple<const http::Request&, Rest...>> {
  using Parameters = std::tuple<Rest...>;
  static constexpr bool kWantsRequest = true;
};

template <class F, class... Parameters>
AdaptedHandler adapt(F function, std::tuple<Parameters...>* /*types*/) {
  using Parts = Split<typename Signature<F>::Arguments>;
  auto call = [function = std::move(function)]<std::size_t... I>(const http::Request& request,
                                                                 std::index_sequence<I...>) {
    if constexpr (Parts::kWantsRequest)
      return to_response(function(
          request, PathParameter<std::remove_cvref_t<Parameters>>::from(request.parameter(I))...));
    else
      return to_response(
          function(PathParameter<std::remove_cvref_t<Parameters>>::from(request.parameter(I))...));
  };
  return {.handler =
              [call = std::move(call)](const http::Request& request) {
                return call(request, std::index_sequence_for<Parameters...>{});
              },
          .parameters = {PathParameter<std::remove_cvref_t<Parameters>>::kKind...}};
}

template <class F>
AdaptedHandler adapt(F function) {
  using Parts = Split<typename Signature<F>::Arguments>;
  return adapt(std::move(function), static_cast<typename Parts::Parameters*>(nullptr));
}

}  // namespace tollgate::api
