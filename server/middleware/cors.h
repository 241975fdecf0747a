// Cross-origin resource sharing (Fetch 3.2): which pages of other origins a browser lets read
// the answers. The names are those of django-cors-headers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "server/base/result.h"
#include "server/http/handler.h"

namespace tollgate::middleware {

struct Cors {
  // "https://app.example.org", as a browser writes it: no path, no slash at the end, the port
  // only where it is not the scheme's. Or "*": any.
  std::vector<std::string> allowed_origins;
  std::vector<std::string> allow_methods = {"DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"};
  std::vector<std::string> allow_headers = {"accept",     "authorization", "content-type",
                                            "user-agent", "x-csrftoken",   "x-requested-with"};
  std::vector<std::string> expose_headers = {};
  std::chrono::seconds preflight_max_age = std::chrono::hours(24);  // 0: not said
  // Cookies and the like. A token in the Authorization field does not need it.
  bool allow_credentials = false;
};

// The two halves of a policy.
struct CorsSteps {
  // Says to each response who may read it. Responses that say so themselves are left alone.
  http::Finisher finisher;
  // The answer to an OPTIONS request that a browser sends ahead; it needs the finisher, too.
  http::Preflight preflight;
};

// Errors: InvalidArgument, with a sentence: what is no origin that a browser writes, no method or
// field name; "*" anywhere together with allow_credentials, which browsers refuse (Fetch 3.2.5);
// "null" with them, which any page can be.
Result<CorsSteps> make_cors(Cors policy);

}  // namespace tollgate::middleware
