// How often something may be done: DRF's "5/min", as a bucket that leaks (GCRA). Pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <variant>

#include "server/base/result.h"

namespace tollgate::shm {

// On the average `count` in `period`; at once as many as `burst`.
struct Rate {
  uint32_t count;
  std::chrono::nanoseconds period;
  uint32_t burst;  // at least 1

  bool operator==(const Rate&) const = default;
};

// DRF's forms: a number, "/", and s, m, h or d, which may also be spelt out (sec, second, min,
// minute, hour, day). burst = the number. Errors: InvalidArgument, which quotes the text.
Result<Rate> parse_rate(std::string_view text);

// The generic cell rate algorithm. What is kept of a caller is one number: the time at which
// its bucket will be empty again, in nanoseconds of the steady clock; 0: nothing is known.
struct Allowed {
  uint64_t empty_at;  // to be kept
};
struct Wait {
  std::chrono::nanoseconds time;  // until the next one would be allowed; more than 0
};
using Decision = std::variant<Allowed, Wait>;

// A bucket that is fuller than `rate` can make it (the rate was changed) counts as just full.
Decision decide(const Rate& rate, uint64_t empty_at, uint64_t now);

}  // namespace tollgate::shm
