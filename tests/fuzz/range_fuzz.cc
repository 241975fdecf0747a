// A size (the first byte) and a Range field: what parse_range() answers is held against a set of
// bytes, marked one by one by a reading of RFC 9110 14.1.1 of its own. Partial: each byte that was
// asked for is in exactly one range, none other, and there are at most kMaxRanges. Unsatisfiable:
// the field is one of bytes, and none of them exists. A field that is none is Whole.
// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "server/http/range.h"
#include "tests/fuzz/fuzz.h"

namespace tollgate::fuzz {
namespace {

using Marks = std::vector<bool>;

// Larger than any size here, however long.
uint64_t number(const std::string& digits) {
  uint64_t value = 0;
  for (const char c : digits) value = std::min<uint64_t>(value * 10 + unsigned(c - '0'), 1000);
  return value;
}

// Whether one number is larger than the other, however long.
bool larger(std::string a, std::string b) {
  a.erase(0, a.find_first_not_of('0'));
  b.erase(0, b.find_first_not_of('0'));
  return a.size() != b.size() ? a.size() > b.size() : a > b;
}

// nullopt: not of the grammar.
std::optional<Marks> asked_for(const std::string& field, uint64_t size) {
  static const std::regex kField("[Bb][Yy][Tt][Ee][Ss]=(.*)");
  static const std::regex kSpec("[ \t]*(?:([0-9]+)-([0-9]*)|-([0-9]+))[ \t]*");
  static const std::regex kNothing("[ \t]*");
  std::smatch match;
  if (!std::regex_match(field, match, kField)) return std::nullopt;
  std::string list = match[1].str() + ",";
  Marks marks(size, false);
  bool any = false;
  while (!list.empty()) {
    const std::string text = list.substr(0, list.find(','));
    list.erase(0, text.size() + 1);
    if (std::regex_match(text, kNothing)) continue;
    if (!std::regex_match(text, match, kSpec)) return std::nullopt;
    any = true;
    uint64_t first = number(match[1]);
    uint64_t last = match[2].length() > 0 ? number(match[2]) : size;
    if (match[2].length() > 0 && larger(match[1], match[2])) return std::nullopt;
    if (match[3].matched) {
      const uint64_t count = std::min(number(match[3]), size);
      if (count == 0) continue;
      first = size - count;
      last = size;
    }
    for (uint64_t at = first; at < size && at <= last; ++at) marks[at] = true;
  }
  return any ? std::optional(marks) : std::nullopt;
}

}  // namespace

void fuzz(std::string_view input) {
  // A regular expression of the library's goes deep on long texts.
  if (input.empty() || input.size() > 300) return;
  const uint64_t size = static_cast<unsigned char>(input.front()) % 64;
  const std::string field(input.substr(1));
  // What no head lets through.
  if (field.find_first_of(std::string("\0\r\n", 3)) != std::string::npos) return;
  const auto asked = asked_for(field, size);
  const http::RangeSet set = http::parse_range(field, size);
  Marks given(size, false);
  for (const http::ByteRange& range : set.ranges) {
    require(range.size > 0 && range.first < size && range.size <= size - range.first,
            "a range is within the representation", field);
    for (uint64_t at = range.first; at < range.first + range.size; ++at) {
      require(!given[at], "no byte is sent twice", field);
      given[at] = true;
    }
  }
  require(set.ranges.size() <= http::kMaxRanges, "the parts are not many", field);
  switch (set.kind) {
    case http::RangeSet::Kind::Whole:
      return;
    case http::RangeSet::Kind::Partial:
      return require(asked && !set.ranges.empty() && given == *asked, "what was asked for is given",
                     field);
    case http::RangeSet::Kind::Unsatisfiable:
      return require(asked && set.ranges.empty() && *asked == given, "416 where there is nothing",
                     field);
  }
}

}  // namespace tollgate::fuzz
