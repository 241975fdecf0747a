// The Range field (RFC 9110 14.2) and its answers. Pure: bytes in, ranges out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::http {

struct ByteRange {
  uint64_t first = 0;
  uint64_t size = 0;  // at least 1

  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

struct RangeSet {
  enum class Kind : uint8_t {
    Whole,          // 200: the field says nothing that we follow
    Partial,        // 206
    Unsatisfiable,  // 416
  };
  Kind kind = Kind::Whole;
  // Of a Partial one: 1 to kMaxRanges, none overlaps another, all end within the
  // representation; in the order in which they were asked for.
  std::vector<ByteRange> ranges = {};
};

// More parts than this are not worth their heads, and are answered by the whole (14.2; a client
// that asked for a thousand overlapping ranges once made Apache send them: CVE-2011-3192).
inline constexpr std::size_t kMaxRanges = 16;

// What `field` asks for of a representation of `size` bytes. Other units than bytes, and what is
// not of the grammar, are ignored, as the RFC allows. Only for GET, and where If-Range agrees.
RangeSet parse_range(std::string_view field, uint64_t size);

// "bytes 0-499/1234", and for a 416 "bytes */1234" (14.4).
std::string content_range(const ByteRange& range, uint64_t size);
std::string unsatisfied_range(uint64_t size);

}  // namespace tollgate::http
