// When a worker is worn out and asks for a replacement. Pure, but for the draw of the jitter.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/base/clock.h"
#include "server/config/config.h"

namespace tollgate::worker {

class Lifespan {
 public:
  static constexpr milliseconds kSampleEvery = 1s;
  static constexpr int kSamples = 3;  // above max_worker_memory, one after the other

  // Draws what max_requests and max_worker_lifetime have of jitter, so that workers that started
  // together do not retire together.
  Lifespan(const Config& config, SteadyTime start);

  // Whether this was the request with which max_requests is reached.
  bool is_last(uint64_t answered) const { return answered == last_request_; }

  bool sample_is_due(SteadyTime now) const { return now >= next_sample_; }
  // The reason to be replaced, if there is one: "max_worker_lifetime" or "max_worker_memory".
  // `resident` in bytes.
  std::optional<std::string_view> sample(SteadyTime now, uint64_t resident);

 private:
  const uint64_t memory_;  // bytes; 0: no limit
  uint64_t last_request_;  // 0: none is
  SteadyTime end_;         // max(): never
  SteadyTime next_sample_;
  int above_ = 0;  // samples above `memory_`, one after the other
};

}  // namespace tollgate::worker
