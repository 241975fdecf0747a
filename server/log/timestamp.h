// Local time as log lines show it, formatted once a second.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

#include "server/base/clock.h"

namespace tollgate::log {

class Timestamp {
 public:
  enum class Style : uint8_t {
    Iso,     // 2026-11-22 16:52:38 +0000
    Common,  // 22/Nov/2026:16:52:38 +0000, the Common Log Format's
  };

  explicit Timestamp(Style style) : style_(style) {}

  // Valid until the next call. Not for two threads at once.
  std::string_view at(WallTime time);

 private:
  Style style_;
  int64_t second_ = std::numeric_limits<int64_t>::min();  // the one that text_ shows
  std::array<char, 64> text_{};
  std::size_t size_ = 0;
};

}  // namespace tollgate::log
