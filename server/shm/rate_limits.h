// The buckets and windows (rate.h) of all rate limits of a server: a table in the durable segment,
// so that N workers count as one, and a reload, a dead worker or an upgrade forgives nobody.
//
// An entry is a caller's hashed key and the number that is kept of it (rate.h). It is looked for in
// the few places that its hash names; where it has none and all are taken, it takes over the one
// that may be forgotten first: most likely of somebody whom that costs nothing. Entries are
// never freed. Zeros mean empty.
//
// Lock-free, for any process and thread. Two losses are accepted, both in the caller's
// favour: whose entry is taken over begins anew, and in a full table two workers that meet
// the same new caller at once may each give it an entry.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "server/base/clock.h"
#include "server/base/siphash.h"
#include "server/shm/rate.h"

namespace tollgate::shm {

class RateLimits {
 public:
  static constexpr std::size_t kEntries = 32'767;  // some 512 KiB, the key included

  // In memory of this process, where there is no master.
  static std::unique_ptr<RateLimits> create();

  // Makes the random key, unless there is one. By the master, before its first fork.
  void prepare();

  // Who asks for what. `scope` tells limits apart that have nothing to do with each other,
  // `caller` is an address, a user, … Nobody outside can aim for another's key.
  uint64_t key(std::string_view scope, std::string_view caller) const;

  // Takes one of `rate`; nullopt: it is allowed; else nothing was taken, and there is one
  // again after that time, which is more than 0.
  std::optional<std::chrono::nanoseconds> take(uint64_t key, const Rate& rate, SteadyTime now);

 private:
  struct alignas(16) Entry {
    std::atomic<uint64_t> key;
    std::atomic<uint64_t> kept;
  };

  Entry* find(uint64_t key);
  static Entry* take_over(Entry& entry, uint64_t key, uint64_t kept);

  std::array<std::atomic<uint64_t>, 2> secret_;
  std::array<Entry, kEntries> entries_;
};

}  // namespace tollgate::shm
