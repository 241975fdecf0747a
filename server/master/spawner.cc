// SPDX-License-Identifier: Apache-2.0
#include "server/master/spawner.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "server/base/exit_code.h"
#include "server/log/logging.h"
#include "server/os/process.h"

namespace tollgate::master {
namespace {

constexpr int kIgnored[] = {SIGINT,  SIGQUIT, SIGHUP,  SIGWINCH, SIGUSR1,
                            SIGUSR2, SIGTTIN, SIGTTOU, SIGPIPE};

}  // namespace

Result<WorkerProcess> Spawner::spawn(int slot, const Generation& generation,
                                     const std::function<void()>& leave_master, SteadyTime now) {
  TOLLGATE_TRY(ends, os::Lifeline::create());
  scoreboard_.claim(slot, generation.number, now);
  const pid_t master = getpid();
  std::fflush(nullptr);  // or the child's exit() would print what we have buffered, again
  auto child = os::fork_child();
  if (!child) {
    scoreboard_.release(slot);
    return fail(with_context("worker " + std::to_string(slot), child.error()));
  }
  if (child->pid == 0) {
    // Else the worker would hold its own lifeline open and never see the master end.
    { const os::Lifeline masters_end = std::move(ends.first); }
    run_child({.slot = slot,
               .generation = generation.number,
               .config = generation.config,
               .listeners = generation.listeners,
               .lifeline = std::move(ends.second),
               .application_fd = generation.application.get()},
              master, leave_master);
  }
  return WorkerProcess(slot, generation.number, generation.limits(), child->pid,
                       std::move(child->pidfd), std::move(ends.first), now);
}

// noexcept: what a worker throws ends it where it was thrown, with a trace, and
// does not unwind into the master's loop.
void Spawner::run_child(WorkerStart start, pid_t master,
                        const std::function<void()>& leave_master) noexcept {
  // The master's signals are still blocked here, so none can arrive too early.
  for (const int number : kIgnored) ::signal(number, SIG_IGN);
  if (start.config.orphans == Orphans::Exit) {
    if (const auto status = os::die_with_parent(master); !status) {
      log::critical("worker {}: {}", start.slot, status.error().message);
      _exit(kExitRuntime);
    }
  }
  leave_master();
  scoreboard_.slot(start.slot).pid.store(getpid(), std::memory_order_relaxed);
  os::set_title("tollgate worker " + std::to_string(start.slot));
  // exit, not _exit: the leak check and the coverage report hang on it. It runs what static
  // objects have to say, but unwinds nothing, so that no object of the master's is destroyed.
  std::exit(worker_main_(std::move(start)));
}

}  // namespace tollgate::master
