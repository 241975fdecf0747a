// Sizes and durations as settings write them: "16KiB", "30s".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/base/result.h"

namespace tollgate {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

struct Bytes {
  uint64_t count = 0;
  auto operator<=>(const Bytes&) const = default;
};
consteval Bytes operator""_B(unsigned long long n) { return {n}; }
consteval Bytes operator""_KiB(unsigned long long n) { return {n << 10}; }
consteval Bytes operator""_MiB(unsigned long long n) { return {n << 20}; }
consteval Bytes operator""_GiB(unsigned long long n) { return {n << 30}; }

// "8190", "64KiB", "10MiB", "1GiB"; a bare number is bytes.
Result<Bytes> parse_bytes(std::string_view text);
// "30", "30s", "250ms", "5m", "1h", "1d"; a bare number is seconds, as in Gunicorn.
Result<milliseconds> parse_duration(std::string_view text);

// The shortest form that the parsers above read back as the same value.
std::string to_string(Bytes size);
std::string to_string(milliseconds duration);

}  // namespace tollgate
