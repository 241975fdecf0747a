// A request as the middleware sees it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "server/http/exchange.h"
#include "server/http/request.h"
#include "server/http/response.h"

namespace tollgate::middleware {

inline std::unique_ptr<http::Exchange> exchange_of(std::initializer_list<http::FieldView> fields,
                                                   http::Method method = http::Method::Get) {
  auto exchange = std::make_unique<http::Exchange>();
  exchange->request.method = method;
  exchange->request.method_text = to_string(method);
  exchange->request.path = exchange->request.target = "/";
  exchange->request.fields = fields;
  return exchange;
}

// "": it is not there.
inline std::string field_of(const http::Response& response, std::string_view name) {
  const std::string* const value = response.header(name);
  return value != nullptr ? *value : "";
}

}  // namespace tollgate::middleware
