// JSON in and out, for applications. Members keep their order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <utility>

#include "server/base/export.h"
#include "server/base/result.h"
#include "server/base/text.h"
#include "server/http/request.h"
#include "server/http/response.h"

namespace tollgate {

using Json = nlohmann::ordered_json;

// Compact, as DRF writes it; text that is not UTF-8 becomes U+FFFD. Where a microsecond counts, a
// body can be put together by json_quote() (text.h), and sent by http::json_text() (response.h).
TOLLGATE_API http::Response json(const Json& value, int status = 200);

// The body as JSON. Errors, with DRF's words: UnsupportedMediaType (a type that
// is not application/json), InvalidArgument ("JSON parse error - …").
TOLLGATE_API Result<Json> parse_json(const http::Request& request);

// The same as a T, by nlohmann's from_json. Errors also: InvalidArgument, where
// the document does not have T's shape.
template <class T>
Result<T> parse_json(const http::Request& request) {
  TOLLGATE_TRY(document, parse_json(request));
  try {
    return document.template get<T>();
  } catch (const nlohmann::json::exception& error) {
    return fail(Errc::InvalidArgument, error.what());
  }
}

}  // namespace tollgate
