// Steady and wall time as an interface, so that tests bring their own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "server/base/export.h"

namespace tollgate {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

class TOLLGATE_API Clock {
 public:
  virtual ~Clock() = default;
  // For deadlines and durations; the same in all processes of the machine (CLOCK_MONOTONIC).
  virtual SteadyTime steady() const = 0;
  // For dates and for the exp, iat and nbf of tokens.
  virtual WallTime wall() const = 0;
};

class TOLLGATE_API SystemClock final : public Clock {
 public:
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
  WallTime wall() const override { return std::chrono::system_clock::now(); }
};

}  // namespace tollgate
