// Response fields that tell browsers to be careful: those of Django's SecurityMiddleware and
// XFrameOptionsMiddleware, with their names and defaults.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "server/base/result.h"
#include "server/http/handler.h"

namespace tollgate::middleware {

// What is empty, false or 0 is not sent.
struct SecurityHeaders {
  bool content_type_nosniff = true;
  std::string x_frame_options = "DENY";
  std::string referrer_policy = "same-origin";
  std::string cross_origin_opener_policy = "same-origin";
  // Strict-Transport-Security: a browser that has seen it uses nothing but TLS for that long. Only
  // to clients that came over TLS, as a trusted proxy says (RFC 6797 7.2).
  std::chrono::seconds hsts_seconds{0};
  bool hsts_include_subdomains = false;
  bool hsts_preload = false;
  std::string content_security_policy = {};
};

// Adds what the response does not have itself. Errors: InvalidArgument (a value that
// cannot be sent).
Result<http::Finisher> make_security_headers(const SecurityHeaders& headers);

}  // namespace tollgate::middleware
