// What the log says of a worker that died of a signal, made of what it left behind (pure),
// and the access-log lines of the requests that died with it.
//
// What a dead worker left is not believed: it may have been written by whatever broke it, so
// that every size and every text in it is bounded and escaped here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "server/base/clock.h"
#include "server/base/unique_fd.h"
#include "server/base/units.h"
#include "server/config/config.h"
#include "server/master/worker_process.h"
#include "server/shm/crash_note.h"

namespace tollgate::master {

struct Death {
  std::string worker;  // "worker 3 (pid 4711, generation 2)"
  pid_t pid = 0;
  Exit exit = {};
  bool wanted = false;  // by the master, for another reason than that it hung
  pid_t master = 0;
  uint32_t in_flight = 0;        // requests, listed or not
  std::string application = {};  // the file that workers have loaded from a copy
  SteadyTime now = {};
};

struct PostMortem {
  std::string cause;                   // one line; empty: there is no more to say than its exit
  std::vector<std::string> backtrace;  // the innermost frame first
  std::vector<std::string> lost;       // the requests that were in flight
};
PostMortem examine(const Death& death, const shm::Remains& remains);

// The request that is to blame: the one that the thread that crashed worked on, or else the only
// one in flight. nullptr: nobody is, or nobody knows. Within `remains`.
const shm::InFlightEntry* find_guilty(const Death& death, const shm::Remains& remains);

// A line for each listed request, with this status: of those that were lost no answer was sent.
inline constexpr int kLostStatus = 599;
// To `access_log`, the open file of the configuration's accesslog, in its access_log_format;
// invalid: there is none. Errors: the system's.
Status log_lost_requests(const Config& config, const UniqueFd& access_log, const Death& death,
                         const shm::Remains& remains, WallTime time);

// How often a whole post-mortem is written: a crash loop must not fill the disk.
class PostMortemBudget {
 public:
  static constexpr int kEachMinute = 10;

  [[nodiscard]] bool take(SteadyTime now);

 private:
  SteadyTime begin_ = {};
  int left_ = kEachMinute;
};

}  // namespace tollgate::master
