// SPDX-License-Identifier: Apache-2.0
#include "server/base/units.h"

#include <span>

#include "server/base/text.h"

namespace tollgate {
namespace {

struct Unit {
  std::string_view suffix;
  uint64_t factor;
};
// Largest first, so that printing takes the first one that divides.
constexpr Unit kSizes[] = {{"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}, {"B", 1}};
constexpr Unit kTimes[] = {
    {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}};

Result<uint64_t> parse(std::string_view text, std::span<const Unit> units, uint64_t bare_factor,
                       std::string_view examples) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  const std::string_view suffix = text.substr(digits);
  uint64_t factor = suffix.empty() ? bare_factor : 0;
  for (const Unit& unit : units)
    if (unit.suffix == suffix) factor = unit.factor;
  if (digits == 0 || factor == 0)
    return fail(Errc::InvalidArgument,
                "\"" + std::string(text) + "\" is not understood; write " + std::string(examples));
  // 2^62 keeps later additions of a few limits from overflowing.
  TOLLGATE_TRY(number, parse_uint(text.substr(0, digits), (1ULL << 62) / factor));
  return number * factor;
}

std::string print(uint64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units)
    if (value != 0 && value % unit.factor == 0)
      return std::to_string(value / unit.factor) + std::string(unit.suffix);
  return "0";
}

}  // namespace

Result<Bytes> parse_bytes(std::string_view text) {
  TOLLGATE_TRY(count, parse(text, kSizes, 1, "8190, 64KiB or 10MiB"));
  return Bytes{count};
}

Result<milliseconds> parse_duration(std::string_view text) {
  TOLLGATE_TRY(count, parse(text, kTimes, 1000, "30, 30s, 250ms or 5m"));
  return milliseconds(count);
}

std::string to_string(Bytes size) { return print(size.count, kSizes); }

std::string to_string(milliseconds duration) {
  return print(static_cast<uint64_t>(duration.count()), kTimes);
}

}  // namespace tollgate
