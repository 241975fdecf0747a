// SPDX-License-Identifier: Apache-2.0
#include "server/shm/scoreboard.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "server/base/unique_fd.h"

namespace tollgate::shm {
namespace {

constexpr uint64_t kMagic = 0x7467'7363'6f72'6534;  // "tgscore4"

}  // namespace

// The stamp comes first: whoever maps the memory from outside (a debugger, or
// /proc/PID/map_files) can tell what it is and whether the slots are as it knows them.
struct Scoreboard::Layout {
  uint64_t magic = kMagic;
  uint32_t slot_size = sizeof(Slot);
  uint32_t slot_count = kMaxWorkers;
  std::atomic<ServerState> state = ServerState::Starting;
  std::atomic<uint32_t> used = 0;  // one more than the highest slot that was ever claimed
  Slot slots[kMaxWorkers] = {};
  Tallies tallies[kMaxWorkers] = {};
  QuarantineList quarantine = {};
  Remains remains[kMaxWorkers];  // not initialised: pages of a new memfd are zero, and cost nothing
};

Result<Scoreboard> Scoreboard::create() {
  const UniqueFd fd(memfd_create("tollgate-scoreboard", MFD_CLOEXEC));
  if (!fd.valid()) return fail(from_errno("memfd_create for the scoreboard", errno));
  if (ftruncate(fd.get(), sizeof(Layout)) != 0)
    return fail(from_errno("ftruncate of the scoreboard", errno));
  void* memory =
      mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), /*offset=*/0);
  if (memory == MAP_FAILED) return fail(from_errno("mmap of the scoreboard", errno));
  return Scoreboard(new (memory) Layout);
}

Scoreboard::Scoreboard(Layout* layout)
    : layout_(layout), slots_(layout->slots), tallies_(layout->tallies) {}

Scoreboard::Scoreboard(Scoreboard&& other) noexcept
    : layout_(std::exchange(other.layout_, nullptr)),
      slots_(std::exchange(other.slots_, {})),
      tallies_(std::exchange(other.tallies_, {})) {}

Scoreboard::~Scoreboard() {
  if (layout_ != nullptr) munmap(layout_, sizeof(Layout));
}

Remains& Scoreboard::remains(int index) {
  return layout_->remains[static_cast<std::size_t>(index)];
}
const Remains& Scoreboard::remains(int index) const {
  return layout_->remains[static_cast<std::size_t>(index)];
}

QuarantineList& Scoreboard::quarantine() { return layout_->quarantine; }

void Scoreboard::claim(int index, uint32_t generation, SteadyTime now) {
  constexpr auto kOrder = std::memory_order_relaxed;
  Slot& taken = slot(index);
  std::memset(&remains(index), 0, sizeof(Remains));
  taken.generation.store(generation, kOrder);
  taken.requests.store(0, kOrder);
  taken.accepted.store(0, kOrder);
  for (auto* count : {&taken.reason, &taken.wedged, &taken.rss, &taken.shed, &taken.timeouts})
    count->store(0, kOrder);
  for (auto& count : tallies(index).counts) count.store(0, kOrder);
  taken.beat.store(to_beat(now), kOrder);
  taken.state.store(SlotState::Starting, kOrder);
  const auto needed = static_cast<uint32_t>(index) + 1;
  layout_->used.store(std::max(layout_->used.load(kOrder), needed), kOrder);
}

void Scoreboard::release(int index) {
  constexpr auto kOrder = std::memory_order_relaxed;
  Slot& freed = slot(index);
  // The state first: from here on admission no longer counts what the dead worker held.
  freed.state.store(SlotState::Free, kOrder);
  freed.pid.store(0, kOrder);
  freed.connections.store(0, kOrder);
  freed.in_flight.store(0, kOrder);
}

void Scoreboard::set_state(ServerState state) {
  if (this->state() != state) layout_->state.store(state, std::memory_order_relaxed);
}

ServerState Scoreboard::state() const { return layout_->state.load(std::memory_order_relaxed); }

std::span<const Slot> Scoreboard::slots() const {
  return slots_.first(layout_->used.load(std::memory_order_relaxed));
}

uint64_t to_beat(SteadyTime time) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

SteadyTime from_beat(uint64_t beat) {
  return SteadyTime(std::chrono::nanoseconds(static_cast<int64_t>(beat)));
}

}  // namespace tollgate::shm
