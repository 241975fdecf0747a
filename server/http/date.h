// Dates as HTTP writes them (RFC 9110 5.6.7), and the Date header (6.6.1), formatted once a second.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "server/base/clock.h"

namespace tollgate::http {

// "Sun, 22 Nov 2026 16:52:38 GMT", the one form that is sent.
std::string http_date(std::chrono::sys_seconds time);

// Any of the three forms that must be understood; nullopt: it is none. `now` tells the century of
// an RFC 850 date, whose year has two digits.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text, WallTime now);

class Date {
 public:
  // "Sun, 22 Nov 2026 16:52:38 GMT"; the view lives until the next call. `now`, by clock.steady(),
  // which its caller knows: the wall clock is looked at when that has come to its next second.
  std::string_view at(const Clock& clock, SteadyTime now);

 private:
  SteadyTime next_ = SteadyTime::min();
  std::array<char, 32> text_{};
};

}  // namespace tollgate::http
