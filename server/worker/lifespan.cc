// SPDX-License-Identifier: Apache-2.0
#include "server/worker/lifespan.h"

#include <sys/random.h>

namespace tollgate::worker {
namespace {

// From 0 to `most`, both included.
uint64_t draw(uint64_t most) {
  uint64_t random = 0;
  if (most == 0 || getrandom(&random, sizeof(random), 0) != sizeof(random)) return 0;
  return random % (most + 1);
}

}  // namespace

Lifespan::Lifespan(const Config& config, SteadyTime start)
    : memory_(config.max_worker_memory.count),
      last_request_(config.max_requests == 0
                        ? 0
                        : uint64_t{config.max_requests} + draw(config.max_requests_jitter)),
      end_(SteadyTime::max()),
      next_sample_(start) {
  if (config.max_worker_lifetime == 0ms) return;
  const auto jitter = static_cast<uint64_t>(config.max_worker_lifetime_jitter.count());
  end_ = start + config.max_worker_lifetime + milliseconds(static_cast<int64_t>(draw(jitter)));
}

std::optional<std::string_view> Lifespan::sample(SteadyTime now, uint64_t resident) {
  next_sample_ = now + kSampleEvery;
  above_ = memory_ != 0 && resident > memory_ ? above_ + 1 : 0;
  if (now >= end_) return "max_worker_lifetime";
  if (above_ >= kSamples) return "max_worker_memory";
  return std::nullopt;
}

}  // namespace tollgate::worker
