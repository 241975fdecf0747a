// Request methods that tollgate tells apart (RFC 9110 9, RFC 5789).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tollgate::http {

enum class Method : uint8_t { Get, Head, Post, Put, Patch, Delete, Options, Trace, Connect, Other };

constexpr std::string_view to_string(Method method) {
  constexpr std::string_view kNames[] = {"GET",    "HEAD",    "POST",  "PUT",     "PATCH",
                                         "DELETE", "OPTIONS", "TRACE", "CONNECT", ""};
  return kNames[static_cast<std::size_t>(method)];
}

constexpr Method parse_method(std::string_view name) {
  for (auto i = static_cast<uint8_t>(Method::Get); i < static_cast<uint8_t>(Method::Other); ++i)
    if (to_string(Method{i}) == name) return Method{i};
  return Method::Other;
}

// RFC 9110 9.2.1: asks for nothing to be changed. The set of DRF's SAFE_METHODS.
constexpr bool is_safe(Method method) {
  return method == Method::Get || method == Method::Head || method == Method::Options;
}

}  // namespace tollgate::http
