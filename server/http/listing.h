// A request's entry in the worker's in-flight table, for as long as its
// exchange is in use. It ends with the exchange, wherever that ends: when it is given back,
// be it by a job whose client has left, or when it is dropped with a pool.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tollgate::shm {
class InFlight;
struct InFlightEntry;
}  // namespace tollgate::shm

namespace tollgate::http {

struct Exchange;

// Loop thread only, but for entry().
class Listing {
 public:
  Listing() = default;
  Listing(const Listing&) = delete;
  Listing& operator=(const Listing&) = delete;
  ~Listing() { close(); }

  // `list` outlives this object, or its next close(). The head of the exchange is complete.
  void open(shm::InFlight& list, const Exchange& exchange);
  void close();

  // What is found out later. Without an entry they do nothing.
  void note_route(uint64_t id, std::string_view pattern);
  void note_user(std::string_view name);

  // nullptr: none.
  const shm::InFlightEntry* entry() const { return entry_; }

 private:
  shm::InFlight* list_ = nullptr;
  shm::InFlightEntry* entry_ = nullptr;
};

}  // namespace tollgate::http
