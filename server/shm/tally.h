// What a worker counts besides requests: its slot's tallies, in the scoreboard; folded into the
// durable segment when it is gone.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tollgate::shm {

// Append only: the number is the place in memory.
enum class Tally : uint32_t {
  BadRequests,          // 400 by the parser
  LongTargets,          // 414
  LargeHeads,           // 431
  LargeBodies,          // 413
  SlowHeads,            // 408: header_timeout
  SlowBodies,           // 408: body_timeout, min_request_rate
  SlowReaders,          // closed: write_timeout, min_response_rate
  IdleClosed,           // closed: keepalive
  LastRequests,         // closed with their response: keepalive_requests
  RefusedClients,       // 503: client_connections
  FullQueues,           // 503: thread_queue, password_queue
  FullConnections,      // times that accepting paused: worker_connections
  NoDescriptors,        // times that accepting paused: EMFILE and its like
  BrokenResponses,      // aborted behind their head by a failure of ours
  UnwritableResponses,  // 500: a status or field that cannot be sent
  TempFiles,            // bodies that went to body_temp_dir
  NoTempFiles,          // 503: that failed
  RateLimited,          // 429
  Evicted,              // closed since worker_connections were in use, and others wanted in
};
inline constexpr std::size_t kTallies = static_cast<std::size_t>(Tally::Evicted) + 1;

// "slow_heads"
std::string_view to_string(Tally tally);

// Only their worker writes them.
struct alignas(64) Tallies {
  std::array<std::atomic<uint64_t>, kTallies> counts;

  void add(Tally tally) {
    auto& count = counts[static_cast<std::size_t>(tally)];
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  uint64_t get(Tally tally) const {
    return counts[static_cast<std::size_t>(tally)].load(std::memory_order_relaxed);
  }
};

}  // namespace tollgate::shm
