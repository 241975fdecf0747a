// The scoreboard: memory that the master and its workers share, a slot per worker.
//
// The master makes it before the first fork; each worker inherits the mapping
// and writes only its own slot, the master only what a dead worker left. All
// fields are lock-free atomics read with relaxed order: each is a fact of its
// own, and none is a pointer to another. What a worker leaves behind when it dies stands
// beside the slots and is plain memory: see in_flight.h and crash_note.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>

#include "server/base/clock.h"
#include "server/base/result.h"
#include "server/shm/crash_note.h"
#include "server/shm/quarantine_list.h"
#include "server/shm/tally.h"

namespace tollgate::shm {

// The server as a whole, as the master judges it.
enum class ServerState : uint32_t { Starting, Ready, Degraded, Reloading, Upgrading, Stopping };

enum class SlotState : uint32_t { Free, Starting, Serving, Draining };

// One worker. A cache line of its own, so that one worker's request count does
// not slow another's accept.
struct alignas(64) Slot {
  std::atomic<SlotState> state;
  std::atomic<uint32_t> generation;
  std::atomic<int32_t> pid;
  std::atomic<uint32_t> connections;
  std::atomic<uint32_t> in_flight;  // requests whose head is complete and whose answer is not out
  std::atomic<uint32_t> reason;     // why it ends: the master's Reason + 1; 0: it does not
  std::atomic<uint64_t> beat;       // steady clock, nanoseconds; written by the worker's own loop
  std::atomic<uint64_t> requests;   // answered since this worker started
  std::atomic<uint64_t> accepted;
  std::atomic<uint32_t> wedged;    // handlers at work on a thread whose client was told 504
  std::atomic<uint32_t> rss;       // resident memory in KiB, as of the last second
  std::atomic<uint32_t> shed;      // requests answered 503 by queue_timeout
  std::atomic<uint32_t> timeouts;  // requests answered 504 by request_timeout
};
static_assert(std::atomic<uint64_t>::is_always_lock_free && sizeof(Slot) == 64);

// How often a worker's loop writes its beat, and after how many it missed the
// others no longer wait for it in admission.
inline constexpr std::chrono::milliseconds kBeat{100};
inline constexpr int kMissedBeats = 3;

class Scoreboard {
 public:
  static constexpr int kMaxWorkers = 512;

  // Anonymous shared memory, zeroed. Errors: Io (memfd_create, mmap).
  static Result<Scoreboard> create();

  Scoreboard(Scoreboard&& other) noexcept;
  Scoreboard& operator=(Scoreboard&&) = delete;
  ~Scoreboard();

  Slot& slot(int index) { return slots_[static_cast<std::size_t>(index)]; }
  const Slot& slot(int index) const { return slots_[static_cast<std::size_t>(index)]; }

  Tallies& tallies(int index) { return tallies_[static_cast<std::size_t>(index)]; }
  const Tallies& tallies(int index) const { return tallies_[static_cast<std::size_t>(index)]; }

  // What the slot's worker writes for the time after it: read it only when the worker is
  // reaped. It stays until the slot is claimed again.
  Remains& remains(int index);
  const Remains& remains(int index) const;

  QuarantineList& quarantine();

  // By the master: takes a slot for a worker about to be forked, and empties it after its death.
  void claim(int index, uint32_t generation, SteadyTime now);
  void release(int index);

  // By the master.
  void set_state(ServerState state);
  ServerState state() const;

  // The slots below the highest that was ever claimed: what a reader has to look at.
  std::span<const Slot> slots() const;

 private:
  struct Layout;
  explicit Scoreboard(Layout* layout);
  Layout* layout_;
  std::span<Slot> slots_;
  std::span<Tallies> tallies_;
};

uint64_t to_beat(SteadyTime time);
SteadyTime from_beat(uint64_t beat);

}  // namespace tollgate::shm
