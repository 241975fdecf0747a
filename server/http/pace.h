// Whether a client keeps up a minimum rate. A client that trickles makes progress all the time:
// only one that keeps up may put its deadline off (slowloris, slow read).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "server/base/clock.h"

namespace tollgate::http {

class Pace {
 public:
  void start(SteadyTime now) {
    since_ = now;
    bytes_ = 0;
  }

  // `bytes` more have passed. True: since it last said so, at least `rate` bytes a second have.
  // What one stretch had too much does not count for the next.
  bool keeps_up(uint64_t bytes, uint64_t rate, SteadyTime now) {
    bytes_ += bytes;
    const std::chrono::duration<double> elapsed = now - since_;
    if (bytes == 0 || static_cast<double>(bytes_) < static_cast<double>(rate) * elapsed.count())
      return false;
    start(now);
    return true;
  }

 private:
  SteadyTime since_;
  uint64_t bytes_ = 0;
};

}  // namespace tollgate::http
