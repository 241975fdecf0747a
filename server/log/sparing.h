// For lines that clients can cause as often as they like: at most one a minute, and in it how many
// were left out since the last one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/base/clock.h"
#include "server/config/config.h"

namespace tollgate::log {

// One thread at a time.
class Sparing {
 public:
  static constexpr std::chrono::seconds kPause{60};

  // `clock` outlives it.
  explicit Sparing(const Clock& clock) : clock_(clock) {}

  void write(LogLevel level, std::string_view message);

 private:
  const Clock& clock_;
  std::optional<SteadyTime> last_;
  uint64_t left_out_ = 0;
};

}  // namespace tollgate::log
