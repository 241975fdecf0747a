// How long a test waits. Nothing in a test sleeps: it waits for a condition, at most so long.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "server/base/clock.h"
#include "server/base/units.h"

namespace tollgate::test {

// For what has to happen, but not by when: a machine that is busy with other tests is no failure.
inline constexpr milliseconds kPatience = 60s;

// Whether the binary under test is the one that is packaged (see tollgate_test() in
// TollgateTargets.cmake). Only then are times promises: sanitizers cost a multiple.
inline bool times_count() { return std::getenv("TOLLGATE_TEST_BINARY") != nullptr; }

// The bound that `promise` is held to.
inline milliseconds bound(milliseconds promise) { return times_count() ? promise : promise * 20; }

class Deadline {
 public:
  explicit Deadline(milliseconds patience) : at_(std::chrono::steady_clock::now() + patience) {}

  SteadyTime at() const { return at_; }
  bool passed() const { return std::chrono::steady_clock::now() >= at_; }
  // What is left, as poll(2) wants it: never -1, which would be for ever.
  int poll_timeout() const {
    const auto left = std::chrono::ceil<milliseconds>(at_ - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 3'600'000));
  }

 private:
  SteadyTime at_;
};

class Stopwatch {
 public:
  milliseconds elapsed() const {
    return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start_);
  }

 private:
  SteadyTime start_ = std::chrono::steady_clock::now();
};

}  // namespace tollgate::test
