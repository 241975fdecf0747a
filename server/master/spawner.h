// Forks a worker and makes its process what a worker expects.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "server/config/config.h"
#include "server/master/generation.h"
#include "server/master/worker_process.h"
#include "server/os/identity.h"
#include "server/os/lifeline.h"
#include "server/shm/scoreboard.h"

namespace tollgate::master {

// What a worker is given. The references outlive it: they are the process's own
// copies of the master's memory.
struct WorkerStart {
  int slot;
  uint32_t generation;
  const Config& config;
  const os::Listeners& listeners;  // a draining worker calls close() on each
  os::Lifeline lifeline;
  int application_fd = -1;    // sealed copy of the application; -1: none
  UniqueFd signing_key = {};  // sealed copy of the keys; invalid: none
  UniqueFd access_log = {};   // open for appending; invalid: none
};

// What every worker of this server is, from its start to its end: no reload changes it.
struct WorkerTraits {
  std::optional<os::Identity> identity = {};  // nothing: the master's own
  std::string name = {};                      // shown by ps; empty: none
  bool core_dumps = false;
  bool in_background = false;  // standard streams are /dev/null
  std::vector<int> keep = {};  // descriptors that stay open besides those of WorkerStart
};

// The life of a worker, in the new process; returns the exit code. Before it begins:
// - INT, QUIT, HUP, WINCH, USR1, USR2, TTIN, TTOU and PIPE are ignored: a terminal
//   sends some of them to the whole group, and `pkill` the others; orders come over the lifeline.
// - TERM is blocked, so that systemd's TERM to the whole service cannot end a worker in the
//   middle of a request. A worker that wants to drain on TERM installs its handler (or
//   signalfd) first and then unblocks it; one that does not is told by its master anyway.
// - everything else has its default action, ABRT too: the master sends it to a hung worker.
// - the slot of the scoreboard is Starting and has the pid; Serving is the worker's to write.
// - it is who `user` and `group` say, and dies with the master if `orphans` says so.
// - nothing is open but what WorkerStart names, the error log and the standard streams.
// It must have joined its threads when it returns: the process then ends with
// exit(), so that sanitizers report and coverage is written. Nothing may be thrown out of it.
using WorkerMain = std::function<int(WorkerStart)>;

class Spawner {
 public:
  // `scoreboard` outlives the spawner.
  Spawner(shm::Scoreboard& scoreboard, WorkerMain worker_main, WorkerTraits traits = {})
      : scoreboard_(scoreboard), worker_main_(std::move(worker_main)), traits_(std::move(traits)) {}

  // `leave_master` runs in the child, after it has set what signals do to it: closes
  // what is the master's, and unblocks all signals but TERM. `keys` may be invalid. Errors: Io;
  // then there is no child and the slot is free.
  Result<WorkerProcess> spawn(int slot, const Generation& generation, const UniqueFd& keys,
                              const std::function<void()>& leave_master, SteadyTime now);

 private:
  [[noreturn]] void run_child(WorkerStart start, const Generation& generation, const UniqueFd& keys,
                              pid_t master, const std::function<void()>& leave_master) noexcept;
  Status become_worker(WorkerStart& start, const Generation& generation, const UniqueFd& keys,
                       pid_t master) const;
  Status close_the_rest(const WorkerStart& start) const;

  shm::Scoreboard& scoreboard_;
  WorkerMain worker_main_;
  WorkerTraits traits_;
};

}  // namespace tollgate::master
