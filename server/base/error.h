// Error: whose fault it is (Errc), and a sentence.
//
// The sentence names the call, the thing and the errno, and is for the log.
// It reaches a client only for the codes that are the client's fault, when a
// handler returns them (http/response.h, error_response).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "server/base/export.h"

namespace tollgate {

enum class Errc {
  // The client's fault, or its business: the message may be shown to it.
  InvalidArgument,       // 400
  Unauthenticated,       // 401
  Denied,                // 403
  NotFound,              // 404
  Conflict,              // 409
  TooLarge,              // 413
  UnsupportedMediaType,  // 415
  // Ours or the system's: the message is for the log only.
  Unavailable,  // 503
  Timeout,      // 504
  Closed,       // 500
  Io,           // 500
  Internal,     // 500
};

struct Error {
  Errc code;
  std::string message;
};

// "listen 0.0.0.0:80: Permission denied (EACCES)", from `what` and the value of errno.
TOLLGATE_API Error from_errno(std::string_view what, int errno_value);

// Puts "context: " before the message: once per layer on the way up.
TOLLGATE_API Error with_context(std::string_view context, Error error);

}  // namespace tollgate
