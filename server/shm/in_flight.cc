// SPDX-License-Identifier: Apache-2.0
#include "server/shm/in_flight.h"

#include <functional>
#include <memory>

#include "server/shm/scoreboard.h"

namespace tollgate::shm {

InFlight::InFlight(Table& table, std::atomic<uint32_t>& count) : table_(table), count_(count) {
  for (std::size_t i = 0; i < kEntries; ++i) free_[i] = static_cast<uint8_t>(kEntries - 1 - i);
}

InFlightEntry& InFlight::begin(const InFlightRequest& request) {
  InFlightEntry& entry = free_count_ == 0 ? *std::make_unique<InFlightEntry>().release()
                                          : table_[free_[--free_count_]];
  entry.route = 0;
  entry.started = to_beat(request.started);
  entry.version_minor = static_cast<uint8_t>(request.version_minor);
  entry.method.assign(request.method);
  entry.path.assign(request.path);
  entry.pattern.assign({});
  entry.peer.assign(request.peer);
  entry.user.assign({});
  // The one reader comes after our end: only the compiler could change the order.
  std::atomic_signal_fence(std::memory_order_release);
  entry.request = request.id;
  count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  return entry;
}

void InFlight::end(InFlightEntry& entry) {
  count_.store(count_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  if (!is_listed(entry)) {
    const std::unique_ptr<InFlightEntry> freed(&entry);
    return;
  }
  entry.request = 0;
  free_[free_count_++] = static_cast<uint8_t>(&entry - table_.data());
}

bool InFlight::is_listed(const InFlightEntry& entry) const {
  const std::less_equal<> not_behind;
  return not_behind(table_.data(), &entry) && !not_behind(table_.data() + kEntries, &entry);
}

}  // namespace tollgate::shm
