// SPDX-License-Identifier: Apache-2.0
#include "server/master/quarantine.h"

#include <algorithm>
#include <utility>

namespace tollgate::master {

bool Quarantine::died(uint64_t route, std::string_view name, const Rules& rules, SteadyTime now) {
  if (rules.crashes == 0) return false;
  if (std::ranges::find(rows_, route, &Row::route) != rows_.end()) return false;
  std::erase_if(crashes_, [&](const Crash& crash) { return now - crash.at > rules.window; });
  crashes_.push_back({.route = route, .at = now});
  if (std::ranges::count(crashes_, route, &Crash::route) < int64_t{rules.crashes}) return false;

  std::erase_if(crashes_, [route](const Crash& crash) { return crash.route == route; });
  if (rows_.size() == shm::QuarantineList::kRows)
    rows_.erase(std::ranges::min_element(rows_, {}, &Row::until));
  rows_.push_back({.route = route, .name = std::string(name), .until = now + rules.time});
  return true;
}

std::vector<Quarantine::Row> Quarantine::end_those_due(SteadyTime now) {
  std::vector<Row> ended;
  std::ranges::copy_if(rows_, std::back_inserter(ended),
                       [now](const Row& row) { return row.until <= now; });
  std::erase_if(rows_, [now](const Row& row) { return row.until <= now; });
  return ended;
}

void Quarantine::clear() {
  crashes_.clear();
  rows_.clear();
}

}  // namespace tollgate::master
