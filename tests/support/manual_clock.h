// A clock that moves when the test says so.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "server/base/clock.h"

namespace tollgate::tests {

class ManualClock final : public Clock {
 public:
  SteadyTime steady() const override { return steady_; }
  // 2026-11-22 16:52:38 UTC, at first.
  WallTime wall() const override { return wall_; }

  void advance(std::chrono::milliseconds by) {
    steady_ += by;
    wall_ += by;
  }

 private:
  SteadyTime steady_{std::chrono::hours(1)};
  WallTime wall_{std::chrono::seconds(1795366358)};
};

}  // namespace tollgate::tests
