// When a worker that died unasked is replaced: at once, later, or never (pure).
//
// One death is bad luck: its replacement starts at once. Deaths that follow each
// other are a loop: beyond as many as there are workers (so that all may be killed
// together) each doubles the wait. Ten quiet seconds make everything good again.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "server/base/clock.h"
#include "server/base/units.h"

namespace tollgate::master {

class RespawnPolicy {
 public:
  static constexpr milliseconds kFirstDelay = 100ms;
  static constexpr milliseconds kLongestDelay = 30s;
  static constexpr milliseconds kQuiet = 10s;

  // A worker became ready: from here on no death stops the server.
  void ready() { ever_ready_ = true; }

  // A worker ended unasked; `exit_code` is nothing if a signal killed it. Returns
  // the code with which the server should end, if no worker was ever ready and
  // this one said why (3, 4, 78), or if it was one too many.
  [[nodiscard]] std::optional<int> died(std::optional<int> exit_code, int workers, SteadyTime now);

  // Forgives the deaths so far: they were those of another generation.
  void forgive();

  SteadyTime not_before() const { return not_before_; }
  bool degraded(SteadyTime now) const { return now < not_before_; }
  // Deaths follow each other: to start several workers at once would only multiply them.
  bool looping(SteadyTime now) const {
    return not_before_ != SteadyTime{} && now < not_before_ + kQuiet;
  }

 private:
  bool ever_ready_ = false;
  int boot_deaths_ = 0;  // before any worker was ever ready
  int deaths_ = 0;       // since it was last quiet
  SteadyTime last_death_ = {};
  SteadyTime not_before_ = {};
};

}  // namespace tollgate::master
