// A size (the first byte) and a Range field: what parse_range() answers is held against a set of
// bytes, marked one by one by a reading of RFC 9110 14.1.1 of its own. Partial: each byte that was
// asked for is in exactly one range, none other, and there are at most kMaxRanges. Unsatisfiable:
// the field is one of bytes, and none of them exists. A field that is none is Whole.
// SPDX-License-Identifier: Apache-2.0
#include <strings.h>

#include <algorithm>
#include <optional>
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

bool all_digits(const std::string& text) {
  return text.find_first_not_of("0123456789") == std::string::npos;
}

std::string without_blanks(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t");
  return begin == std::string::npos ? ""
                                    : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Marks what one "1-5", "1-" or "-5" asks for. False: it is none of them.
bool mark(const std::string& spec, Marks& marks) {
  const auto dash = spec.find('-');
  if (dash == std::string::npos) return false;
  const std::string front = spec.substr(0, dash);
  const std::string back = spec.substr(dash + 1);
  if (!all_digits(front) || !all_digits(back) || (front.empty() && back.empty())) return false;
  const uint64_t size = marks.size();
  uint64_t first = number(front);
  uint64_t last = back.empty() ? size : number(back);
  if (!front.empty() && !back.empty() && larger(front, back)) return false;
  if (front.empty()) {
    first = size - std::min(last, size);
    last = size;
  }
  for (uint64_t at = first; at < size && at <= last; ++at) marks[at] = true;
  return true;
}

// nullopt: not of the grammar.
std::optional<Marks> asked_for(const std::string& field, uint64_t size) {
  const std::string unit = field.substr(0, field.find('='));
  if (unit.size() == field.size() || strcasecmp(unit.c_str(), "bytes") != 0) return std::nullopt;
  std::string list = field.substr(unit.size() + 1) + ",";
  Marks marks(size, false);
  bool any = false;
  while (!list.empty()) {
    const std::string text = list.substr(0, list.find(','));
    list.erase(0, text.size() + 1);
    const std::string spec = without_blanks(text);
    if (spec.empty()) continue;
    if (!mark(spec, marks)) return std::nullopt;
    any = true;
  }
  return any ? std::optional(marks) : std::nullopt;
}

}  // namespace

void fuzz(std::string_view input) {
  if (input.empty()) return;
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
