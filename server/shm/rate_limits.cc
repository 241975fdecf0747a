// SPDX-License-Identifier: Apache-2.0
#include "server/shm/rate_limits.h"

#include <sys/random.h>

#include <string>

namespace tollgate::shm {
namespace {

constexpr auto kOrder = std::memory_order_relaxed;  // each word is a fact of its own
constexpr std::size_t kProbes = 8;                  // two cache lines
// Whoever loses so often to others lets one through: a limit is no lock.
constexpr int kTries = 16;

uint64_t nanoseconds_of(SteadyTime time) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

}  // namespace

std::unique_ptr<RateLimits> RateLimits::create() {
  auto table = std::make_unique<RateLimits>();
  table->prepare();
  return table;
}

// Another master may be at it, too: the first to come sets it.
void RateLimits::prepare() {
  for (auto& word : secret_) {
    uint64_t random = 0;
    // It fails only before the kernel has been seeded, long before any server.
    if (getrandom(&random, sizeof random, 0) != sizeof random) random = 0;
    uint64_t none = 0;
    word.compare_exchange_strong(none, random | 1, kOrder);
  }
}

uint64_t RateLimits::key(std::string_view scope, std::string_view caller) const {
  std::string text;
  text.reserve(scope.size() + 1 + caller.size());
  text.append(scope).append(1, '\0').append(caller);
  const uint64_t hash = siphash({secret_[0].load(kOrder), secret_[1].load(kOrder)}, text);
  return hash != 0 ? hash : 1;
}

std::optional<std::chrono::nanoseconds> RateLimits::take(uint64_t key, const Rate& rate,
                                                         SteadyTime now) {
  const uint64_t time = nanoseconds_of(now);
  for (int i = 0; i < kTries; ++i) {
    Entry* const entry = find(key);
    if (entry == nullptr) continue;
    uint64_t kept = entry->kept.load(kOrder);
    // It was taken over between the two looks: what was read may be another's.
    if (entry->key.load(kOrder) != key) continue;
    const Decision decision = decide(rate, kept, time);
    if (const auto* wait = std::get_if<Wait>(&decision)) return wait->time;
    const uint64_t fuller = std::get<Allowed>(decision).kept;
    if (entry->kept.compare_exchange_strong(kept, fuller, kOrder)) return std::nullopt;
  }
  return std::nullopt;
}

// The caller's entry, or one that is now the caller's. nullptr: somebody was faster.
RateLimits::Entry* RateLimits::find(uint64_t key) {
  const std::size_t first = key % (kEntries - kProbes + 1);
  Entry* oldest = nullptr;
  uint64_t oldest_kept = UINT64_MAX;
  for (std::size_t i = first; i < first + kProbes; ++i) {
    Entry& entry = entries_[i];
    uint64_t holder = entry.key.load(kOrder);
    if (holder == key) return &entry;
    if (holder == 0 && entry.key.compare_exchange_strong(holder, key, kOrder)) return &entry;
    if (holder == key) return &entry;
    const uint64_t kept = entry.kept.load(kOrder);
    if (kept >= oldest_kept) continue;
    oldest = &entry;
    oldest_kept = kept;
  }
  return oldest != nullptr ? take_over(*oldest, key, oldest_kept) : nullptr;
}

// The fill goes first, so that nobody inherits another's.
RateLimits::Entry* RateLimits::take_over(Entry& entry, uint64_t key, uint64_t kept) {
  uint64_t holder = entry.key.load(kOrder);
  if (!entry.kept.compare_exchange_strong(kept, 0, kOrder)) return nullptr;
  return entry.key.compare_exchange_strong(holder, key, kOrder) ? &entry : nullptr;
}

}  // namespace tollgate::shm
