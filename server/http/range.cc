// SPDX-License-Identifier: Apache-2.0
#include "server/http/range.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "server/base/text.h"

namespace tollgate::http {
namespace {

// Digits; what is larger than any file becomes the largest number.
std::optional<uint64_t> parse_position(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  return parse_uint(text).value_or(UINT64_MAX);
}

struct Spec {
  bool valid = false;
  std::optional<ByteRange> range = {};  // nullopt: not satisfiable
};

// "-500": the last bytes, or all, where there are not so many.
Spec parse_suffix(std::string_view digits, uint64_t size) {
  const auto length = parse_position(digits);
  if (!length) return {};
  if (*length == 0) return {.valid = true};
  const uint64_t taken = std::min(*length, size);
  return {.valid = true, .range = ByteRange{.first = size - taken, .size = taken}};
}

// "0-499", "500-".
Spec parse_spec(std::string_view text, uint64_t size) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return {};
  const std::string_view end = text.substr(dash + 1);
  if (dash == 0) return parse_suffix(end, size);
  const auto first = parse_position(text.substr(0, dash));
  const auto last = end.empty() ? UINT64_MAX : parse_position(end);
  if (!first || !last || *last < *first) return {};
  if (*first >= size) return {.valid = true};
  return {.valid = true,
          .range = ByteRange{.first = *first, .size = std::min(*last, size - 1) - *first + 1}};
}

bool overlap(const ByteRange& a, const ByteRange& b) {
  return a.first < b.first + b.size && b.first < a.first + a.size;
}

// Those in `ranges` do not overlap each other, and what the new one overlaps it becomes one
// with, in the place of the first: no other can overlap that.
void add(std::vector<ByteRange>& ranges, ByteRange added) {
  auto place = ranges.end();
  for (auto each = ranges.begin(); each != ranges.end();) {
    if (!overlap(*each, added)) {
      ++each;
      continue;
    }
    const uint64_t end = std::max(each->first + each->size, added.first + added.size);
    added.first = std::min(each->first, added.first);
    added.size = end - added.first;
    if (place == ranges.end())
      place = each++;
    else
      each = ranges.erase(each);
  }
  if (place == ranges.end())
    ranges.push_back(added);
  else
    *place = added;
}

}  // namespace

RangeSet parse_range(std::string_view field, uint64_t size) {
  const auto equals = field.find('=');
  if (equals == std::string_view::npos || !iequals(field.substr(0, equals), "bytes")) return {};
  std::vector<ByteRange> ranges;
  bool any = false;
  for (std::string_view text : split(field.substr(equals + 1), ',')) {
    text = trim(text);
    if (text.empty()) continue;  // RFC 9110 5.6.1.2
    any = true;
    const Spec spec = parse_spec(text, size);
    if (!spec.valid) return {};
    if (!spec.range) continue;
    // "-5" of nothing can be satisfied, but no Content-Range can say so.
    if (spec.range->size == 0) return {};
    add(ranges, *spec.range);
    if (ranges.size() > kMaxRanges) return {};
  }
  if (!any) return {};
  if (ranges.empty()) return {.kind = RangeSet::Kind::Unsatisfiable};
  return {.kind = RangeSet::Kind::Partial, .ranges = std::move(ranges)};
}

std::string content_range(const ByteRange& range, uint64_t size) {
  return fmt::format("bytes {}-{}/{}", range.first, range.first + range.size - 1, size);
}

std::string unsatisfied_range(uint64_t size) { return fmt::format("bytes */{}", size); }

}  // namespace tollgate::http
