// The durable segment: shared memory that outlives workers and masters.
//
// The first master makes it; an upgrade (USR2) hands the descriptor to the new
// master, which adopts it or is refused. Workers inherit the mapping. All fields
// are lock-free atomics with relaxed order, each a fact of its own: while an
// upgrade is under way two masters and their workers write at once.
//
// What comes later (revocations, quarantine) is another member of
// Layout, behind `rate_limits` and taken out of `room`: the memory begins as zeros
// and its size stays, so that a table for which zeros mean "empty" needs no new
// kVersion, an older binary carries it along unread, and pages that nobody
// touches cost nothing. kVersion goes up when bytes that were in use change
// their meaning; the upgrade is then refused, and a restart is due.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

#include "server/base/result.h"
#include "server/base/unique_fd.h"
#include "server/shm/rate_limits.h"
#include "server/shm/scoreboard.h"

namespace tollgate::shm {

// What is counted since the first master began. Append only: the number is the place in memory.
enum class Count : uint32_t {
  Requests,  // answered, by workers that are gone
  Accepted,  // connections, by workers that are gone
  Shed,      // requests answered 503 by queue_timeout, by workers that are gone
  Timeouts,  // requests answered 504 by request_timeout, by workers that are gone
  Crashes,   // workers that died unasked
  Restarts,  // workers that were replaced, but by a reload
  Reloads,   // that went through
  Upgrades,  // that went through
};

class Durable {
 public:
  static constexpr uint32_t kVersion = 1;

  // Zeros, stamped. Errors: Io (memfd_create, ftruncate, mmap).
  static Result<Durable> create();
  // That of another master. Errors: Conflict (it is laid out differently: names both
  // versions), InvalidArgument (it is something else), Io.
  static Result<Durable> adopt(UniqueFd memory);

  Durable(Durable&& other) noexcept;
  Durable& operator=(Durable&&) = delete;
  ~Durable();

  int fd() const { return memory_.get(); }
  // What a worker does: it needs the memory, and not the descriptor.
  void close_descriptor() { memory_.reset(); }

  void add(Count count, uint64_t more = 1);
  uint64_t get(Count count) const;
  uint64_t get(Tally tally) const;
  // Adds what a dead worker has counted in its slot; before the slot is released.
  void fold(const Slot& slot, const Tallies& tallies);

  // Valid as long as the mapping, so in a worker as long as it lives.
  RateLimits& rate_limits();

 private:
  struct Layout;
  Durable(UniqueFd memory, Layout* layout) : memory_(std::move(memory)), layout_(layout) {}
  static Result<Durable> map(UniqueFd memory);

  UniqueFd memory_;
  Layout* layout_;
};

}  // namespace tollgate::shm
