// Result<T>: a value, or the Error that says why there is none.
//
// An alias of tl::expected, which has std::expected's names, so that C++23 can
// replace it by another alias. Nothing in server/ or auth/ throws.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "server/base/error.h"

namespace tollgate {

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// `return fail(Errc::NotFound, "No such note.");` from any function that returns a Result.
inline tl::unexpected<Error> fail(Errc code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace tollgate

// Returns the error to the caller, or goes on with the value in `var`.
#define TOLLGATE_TRY(var, expr)                                                                 \
  auto var##_result = (expr);                                                                   \
  if (!var##_result) return tl::unexpected<::tollgate::Error>(std::move(var##_result).error()); \
  auto&& var = *var##_result

// The same for a Status, which has no value.
#define TOLLGATE_CHECK(expr)                                                            \
  do {                                                                                  \
    auto status_ = (expr);                                                              \
    if (!status_) return tl::unexpected<::tollgate::Error>(std::move(status_).error()); \
  } while (false)
