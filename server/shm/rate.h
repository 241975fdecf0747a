// How often something may be done: DRF's "5/min", as a bucket that leaks (GCRA) or as a window.
// Pure. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <variant>

#include "server/base/result.h"

namespace tollgate::shm {

// What "5/min" means.
enum class Counting : uint8_t {
  Bucket,  // on the average; at once as many as `burst`
  // 5, and then none until a minute after the first of them: what clients of DRF see. DRF keeps
  // a log, of the last minute at each moment; here a new window begins with the first that comes
  // after the last one's end.
  Window,
};

struct Rate {
  uint32_t count;
  std::chrono::nanoseconds period;
  uint32_t burst;  // at least 1; of a Bucket only
  Counting counting = Counting::Bucket;

  bool operator==(const Rate&) const = default;
};

// DRF's forms: a number, "/", and s, m, h or d, which may also be spelt out (sec, second, min,
// minute, hour, day). burst = the number. Errors: InvalidArgument, which quotes the text.
Result<Rate> parse_rate(std::string_view text);

// Of a caller one number is kept; 0: nothing is known. For a Bucket (the generic cell rate
// algorithm) it is the time at which that will be empty again, in nanoseconds of the steady clock.
// For a Window it is the time of its end, but for the kWindowCountBits last bits, which count. So
// of both the number says about when it may be forgotten.
inline constexpr int kWindowCountBits = 24;  // as a time: 17 ms
inline constexpr uint32_t kMostInAWindow = (1U << kWindowCountBits) - 1;

struct Allowed {
  uint64_t kept;  // to be kept
};
struct Wait {
  std::chrono::nanoseconds time;  // until the next one would be allowed; more than 0
};
using Decision = std::variant<Allowed, Wait>;

// A bucket that is fuller than `rate` can make it (the rate was changed) counts as just full, and
// a window that ends later as one that has just begun.
Decision decide(const Rate& rate, uint64_t kept, uint64_t now);

}  // namespace tollgate::shm
