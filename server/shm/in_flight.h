// The requests that a worker has in flight, where their end can be read by who survives it.
//
// A table per worker slot in the scoreboard's mapping. Only the loop's thread of the worker
// writes it, with plain stores; the master reads it only after it has reaped the worker. So
// nothing here is atomic, and a process that ended at any point leaves whole entries: an entry
// gets its number last.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>

#include "server/base/clock.h"

namespace tollgate::shm {

// A text that is cut to fit, and that knows it. Never trusted: every size can be read back.
template <std::size_t kRoom>
class ShortText {
 public:
  void assign(std::string_view text) {
    size_ = static_cast<uint8_t>(std::min<std::size_t>(text.size(), UINT8_MAX));
    text.copy(bytes_, sizeof(bytes_));
  }
  std::string_view text() const { return {bytes_, std::min<std::size_t>(size_, sizeof(bytes_))}; }
  bool cut() const { return size_ > sizeof(bytes_); }

 private:
  static_assert(kRoom - 1 < UINT8_MAX);
  uint8_t size_;  // before it was cut, if that was less than 255
  char bytes_[kRoom - 1];
};

// The id of a request whose head was not understood is not here: it has no path yet.
struct InFlightEntry {
  uint64_t request;  // unique within the worker; 0: free
  uint64_t route;    // http::Route::id; 0: none, or not known yet
  uint64_t started;  // to_beat(): steady clock, nanoseconds
  uint8_t version_minor;
  ShortText<15> method;
  ShortText<96> path;     // decoded; without the query, which may hold a token
  ShortText<48> pattern;  // the route's
  ShortText<40> peer;     // empty: a Unix socket
  ShortText<32> user;     // empty: nobody, or not known yet
};
static_assert(sizeof(InFlightEntry) == 256);

// What is known of a request when its head is complete.
struct InFlightRequest {
  uint64_t id;
  SteadyTime started;
  int version_minor;
  std::string_view method;
  std::string_view path;
  std::string_view peer;
};

// The worker's side of its table. Loop thread only.
class InFlight {
 public:
  static constexpr std::size_t kEntries = 64;
  using Table = std::array<InFlightEntry, kEntries>;

  // Both outlive this object. `count` gets the requests in flight, listed or not.
  InFlight(Table& table, std::atomic<uint32_t>& count);

  // What finds no room is in memory that nobody else sees: counted, and named if it is it
  // that crashes. Good until end().
  InFlightEntry& begin(const InFlightRequest& request);
  void end(InFlightEntry& entry);

 private:
  bool is_listed(const InFlightEntry& entry) const;

  Table& table_;
  std::atomic<uint32_t>& count_;
  std::array<uint8_t, kEntries> free_;  // a stack, so that a quiet worker touches one page
  std::size_t free_count_ = kEntries;
};

// What this thread works on: read by the crash handler, on the thread that crashed. Belongs
// to the library that every process has from its start, so that it may be that cheap.
[[gnu::tls_model("initial-exec")]] inline constinit thread_local const InFlightEntry* working_on =
    nullptr;

class WorkingOn {
 public:
  explicit WorkingOn(const InFlightEntry* entry) : before_(working_on) { working_on = entry; }
  WorkingOn(const WorkingOn&) = delete;
  WorkingOn& operator=(const WorkingOn&) = delete;
  ~WorkingOn() { working_on = before_; }

 private:
  const InFlightEntry* const before_;
};

}  // namespace tollgate::shm
