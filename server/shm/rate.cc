// SPDX-License-Identifier: Apache-2.0
#include "server/shm/rate.h"

#include <algorithm>
#include <string>

#include "server/base/text.h"

namespace tollgate::shm {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kMostInAPeriod = 1'000'000'000;  // one a nanosecond, in the shortest

struct Period {
  std::string_view name;
  std::chrono::nanoseconds length;
};
constexpr Period kPeriods[] = {{"s", 1s},     {"sec", 1s},      {"second", 1s}, {"m", 1min},
                               {"min", 1min}, {"minute", 1min}, {"h", 1h},      {"hour", 1h},
                               {"d", 24h},    {"day", 24h}};

}  // namespace

Result<Rate> parse_rate(std::string_view text) {
  const auto slash = text.find('/');
  const auto count = parse_uint(text.substr(0, slash), kMostInAPeriod);
  const std::string_view name = slash == text.npos ? "" : text.substr(slash + 1);
  const auto* const period = std::ranges::find(kPeriods, name, &Period::name);
  if (!count || *count == 0 || period == std::end(kPeriods))
    return fail(Errc::InvalidArgument, "\"" + std::string(text) +
                                           "\" is no rate: write a number, a slash and s, min, "
                                           "hour or day, as in \"20/min\"");
  const auto number = static_cast<uint32_t>(*count);
  return Rate{.count = number, .period = period->length, .burst = number};
}

namespace {

Decision decide_bucket(const Rate& rate, uint64_t empty_at, uint64_t now) {
  const uint64_t one = static_cast<uint64_t>(rate.period.count()) / rate.count;
  const uint64_t full = one * rate.burst;
  const uint64_t level = std::clamp(empty_at, now, now + full) - now;
  if (level + one > full) return Wait{std::chrono::nanoseconds(level + one - full)};
  return Allowed{now + level + one};
}

// The end is rounded down: nobody waits longer than the period.
Decision decide_window(const Rate& rate, uint64_t kept, uint64_t now) {
  const uint64_t last_end =
      (now + static_cast<uint64_t>(rate.period.count())) & ~static_cast<uint64_t>(kMostInAWindow);
  const uint64_t end = std::min(kept & ~static_cast<uint64_t>(kMostInAWindow), last_end);
  if (end <= now) return Allowed{last_end | 1};
  const uint64_t count = kept & kMostInAWindow;
  if (count >= rate.count) return Wait{std::chrono::nanoseconds(end - now)};
  return Allowed{end | (count + 1)};
}

}  // namespace

Decision decide(const Rate& rate, uint64_t kept, uint64_t now) {
  return rate.counting == Counting::Window ? decide_window(rate, kept, now)
                                           : decide_bucket(rate, kept, now);
}

}  // namespace tollgate::shm
