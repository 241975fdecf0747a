// SPDX-License-Identifier: Apache-2.0
#include "server/shm/durable.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

namespace tollgate::shm {
namespace {

constexpr uint64_t kMagic = 0x7467'6475'7261'626c;  // "tgdurabl"
constexpr std::size_t kSize = std::size_t{1} << 20;
constexpr std::size_t kCounters = 64;
constexpr std::size_t kTallyPlaces = 64;
static_assert(kTallies <= kTallyPlaces);

struct Stamp {
  uint64_t magic;
  uint32_t version;
  uint32_t size;
};

}  // namespace

struct Durable::Layout {
  Stamp stamp;
  alignas(64) std::atomic<uint64_t> counters[kCounters];
  std::atomic<uint64_t> tallies[kTallyPlaces];
  RateLimits rate_limits;
  std::byte room[kSize - 64 - sizeof(counters) - sizeof(tallies) - sizeof(RateLimits)];
};

Result<Durable> Durable::create() {
  UniqueFd memory(memfd_create("tollgate-durable", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory.valid()) return fail(from_errno("memfd_create for the durable segment", errno));
  const Stamp stamp{.magic = kMagic, .version = kVersion, .size = kSize};
  if (ftruncate(memory.get(), kSize) != 0 ||
      pwrite(memory.get(), &stamp, sizeof stamp, 0) != sizeof stamp)
    return fail(from_errno("set up the durable segment", errno));
  // Nobody who holds it can make the others' reads fail with SIGBUS.
  if (fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    return fail(from_errno("seal the durable segment", errno));
  return map(std::move(memory));
}

Result<Durable> Durable::adopt(UniqueFd memory) {
  Stamp stamp{};
  if (pread(memory.get(), &stamp, sizeof stamp, 0) != sizeof stamp || stamp.magic != kMagic)
    return fail(Errc::InvalidArgument, "the durable segment is none of tollgate's");
  struct stat info;
  const bool whole = fstat(memory.get(), &info) == 0 && info.st_size == stamp.size;
  if (stamp.version != kVersion || stamp.size != kSize || !whole)
    return fail(Errc::Conflict, "the durable segment of the running server has layout version " +
                                    std::to_string(stamp.version) + " (" +
                                    std::to_string(stamp.size) + " bytes), this program's is " +
                                    std::to_string(kVersion) + " (" + std::to_string(kSize) +
                                    " bytes): restart instead of upgrading");
  return map(std::move(memory));
}

Result<Durable> Durable::map(UniqueFd memory) {
  static_assert(sizeof(Layout) == kSize && std::atomic<uint64_t>::is_always_lock_free);
  void* const address =
      mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), /*offset=*/0);
  if (address == MAP_FAILED) return fail(from_errno("mmap of the durable segment", errno));
  Durable durable(std::move(memory), static_cast<Layout*>(address));
  durable.rate_limits().prepare();
  return durable;
}

Durable::Durable(Durable&& other) noexcept
    : memory_(std::move(other.memory_)), layout_(std::exchange(other.layout_, nullptr)) {}

Durable::~Durable() {
  if (layout_ != nullptr) munmap(layout_, kSize);
}

void Durable::add(Count count, uint64_t more) {
  layout_->counters[static_cast<std::size_t>(count)].fetch_add(more, std::memory_order_relaxed);
}

uint64_t Durable::get(Count count) const {
  return layout_->counters[static_cast<std::size_t>(count)].load(std::memory_order_relaxed);
}

uint64_t Durable::get(Tally tally) const {
  return layout_->tallies[static_cast<std::size_t>(tally)].load(std::memory_order_relaxed);
}

void Durable::fold(const Slot& slot, const Tallies& tallies) {
  constexpr auto kOrder = std::memory_order_relaxed;
  add(Count::Requests, slot.requests.load(kOrder));
  add(Count::Accepted, slot.accepted.load(kOrder));
  add(Count::Shed, slot.shed.load(kOrder));
  add(Count::Timeouts, slot.timeouts.load(kOrder));
  for (std::size_t i = 0; i < kTallies; ++i)
    layout_->tallies[i].fetch_add(tallies.counts[i].load(kOrder), kOrder);
}

RateLimits& Durable::rate_limits() { return layout_->rate_limits; }

}  // namespace tollgate::shm
