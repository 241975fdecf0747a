// One request and what becomes of it. An exchange owns its bytes.
//
// It has one owner at a time: the connection that reads it, then the job of a
// pool that works on it, then the connection again, which knows it by its id.
// So a client that left, or a timeout, never leaves a dangling view.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/base/clock.h"
#include "server/http/arena.h"
#include "server/http/content.h"
#include "server/http/listing.h"
#include "server/http/request.h"

namespace tollgate::http {

struct Route;

// A response whose body is made while it is sent.
struct Streaming {
  int status;
  std::vector<Field> fields;
  Content source;  // a Generator or a channel
  bool chunked;
  bool keep_alive;
  uint64_t bytes = 0;  // of the body, so far

  ~Streaming();
};

// Where a job of a pool stands with an exchange. Queued is left once, by whoever is first:
// the thread that begins to work, or the loop that no longer wants it.
enum class Work : uint8_t { Queued, Running, Abandoned };

struct Exchange {
  Arena arena;
  RequestParts request;
  const Route* route = nullptr;  // nullptr: no such path, or no such method on it
  const Route* asked = nullptr;  // whose gate and finishers hold: `route`, or the path's first
  const std::string* allow = nullptr;  // the methods of the path, as the Allow field has them
  SteadyTime started;                  // when the first byte of the head was read
  Listing listing;                     // from the end of the head until reset()
  std::atomic<Work> work = Work::Queued;
  bool overdue = false;                  // its client was told 504; loop thread only
  std::unique_ptr<Streaming> streaming;  // from the head of such a response to its end

  // Begins as what its answer can be written and logged from while `other` is at work on a
  // pool: its views are into `other`. `identity`: whether that of `other` is settled.
  void stand_in_for(const Exchange& other, bool identity);

  void reset();
};

// Exchanges of one worker, used again. Loop thread only.
class ExchangePool {
 public:
  // Empty, with an id that no earlier exchange of this worker had.
  std::unique_ptr<Exchange> take();
  void give(std::unique_ptr<Exchange> exchange);

 private:
  static constexpr std::size_t kKept = 256;
  std::vector<std::unique_ptr<Exchange>> free_;
  uint64_t next_id_ = 1;
};

}  // namespace tollgate::http
