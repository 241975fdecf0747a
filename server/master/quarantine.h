// Which routes are not let through any more, because their requests crash workers (pure).
//
// `crashes` deaths by one route within `window` quarantine it for `time`. What is still in
// flight when that begins, and crashes as well, prolongs nothing. Afterwards it starts anew:
// a route that still crashes has to crash as often again.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/clock.h"
#include "server/base/units.h"
#include "server/shm/quarantine_list.h"

namespace tollgate::master {

class Quarantine {
 public:
  struct Rules {
    uint32_t crashes;  // 0: nothing is ever quarantined
    milliseconds window;
    milliseconds time;
  };
  struct Row {
    uint64_t route;
    std::string name;  // "GET /notes/{id:int}"
    SteadyTime until;
  };

  // A request of this route ended a worker. True: with this the route is quarantined, and
  // its row is the last. When all rows are taken, the one that ends first makes room.
  [[nodiscard]] bool died(uint64_t route, std::string_view name, const Rules& rules,
                          SteadyTime now);

  // Takes out the rows that have ended, and returns them.
  std::vector<Row> end_those_due(SteadyTime now);

  // Forgets everything: it was another code's.
  void clear();

  std::span<const Row> rows() const { return rows_; }

 private:
  struct Crash {
    uint64_t route;
    SteadyTime at;
  };
  std::vector<Crash> crashes_;
  std::vector<Row> rows_;  // at most QuarantineList::kRows
};

}  // namespace tollgate::master
