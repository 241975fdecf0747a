// The routes that are answered 503 because their requests crash workers: written by the
// master, read by every worker at its gate.
//
// Each row is a fact of its own. A reader that comes in the middle of a change may take a
// route's row for the one before it: one request too many is let in, or turned away.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "server/base/clock.h"

namespace tollgate::shm {

class QuarantineList {
 public:
  static constexpr std::size_t kRows = 16;
  struct Row {
    uint64_t route;
    SteadyTime until;
  };

  // Until when the route may not be asked; nothing: it may. With no route in quarantine
  // anywhere this is one load.
  std::optional<SteadyTime> find(uint64_t route, SteadyTime now) const {
    const uint32_t count = count_.load(std::memory_order_relaxed);
    if (count == 0) [[likely]]
      return std::nullopt;
    return search(route, now);
  }

  // By the master: these and no others. At most kRows are kept.
  template <class Rows>
  void publish(const Rows& rows) {
    std::size_t count = 0;
    for (const auto& row : rows)
      if (count < kRows) set(count++, row.route, row.until);
    count_.store(static_cast<uint32_t>(count), std::memory_order_release);
  }

 private:
  std::optional<SteadyTime> search(uint64_t route, SteadyTime now) const;
  void set(std::size_t index, uint64_t route, SteadyTime until);

  struct Shared {
    std::atomic<uint64_t> route;
    std::atomic<uint64_t> until;  // to_beat()
  };
  std::atomic<uint32_t> count_;
  std::array<Shared, kRows> rows_;
};

}  // namespace tollgate::shm
