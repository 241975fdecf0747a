// The Date header (RFC 9110 6.6.1), formatted once a second.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <ctime>
#include <string_view>

#include "server/base/clock.h"

namespace tollgate::http {

class Date {
 public:
  // "Sun, 22 Nov 2026 16:52:38 GMT"; the view lives until the next call.
  std::string_view at(WallTime now);

 private:
  std::time_t second_ = -1;
  std::array<char, 32> text_{};
};

}  // namespace tollgate::http
