// SPDX-License-Identifier: Apache-2.0
#include "server/master/spawner.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "server/base/exit_code.h"
#include "server/log/logging.h"
#include "server/os/process.h"

namespace tollgate::master {
namespace {

constexpr int kIgnored[] = {SIGINT,  SIGQUIT, SIGHUP,  SIGWINCH, SIGUSR1,
                            SIGUSR2, SIGTTIN, SIGTTOU, SIGPIPE};

// The worker's own: the generation's is closed with the rest.
Result<UniqueFd> copy_of(const UniqueFd& fd) {
  if (!fd.valid()) return UniqueFd();
  UniqueFd copy(fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!copy.valid()) return fail(from_errno("dup", errno));
  return copy;
}

// Where a filter of system calls forbids it, a worker serves without.
void schedule() {
  if (const Status done = os::schedule_as_batch(); !done)
    log::warning(
        "{}: this worker is scheduled as its master is; worker_scheduling = \"inherit\" asks for "
        "that",
        done.error().message);
}

}  // namespace

Result<WorkerProcess> Spawner::spawn(int slot, const Generation& generation, const UniqueFd& keys,
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
              generation, keys, master, leave_master);
  }
  return WorkerProcess(slot, generation.number, generation.limits(), child->pid,
                       std::move(child->pidfd), std::move(ends.first), now);
}

// noexcept: what a worker throws ends it where it was thrown, with a trace, and
// does not unwind into the master's loop.
void Spawner::run_child(WorkerStart start, const Generation& generation, const UniqueFd& keys,
                        pid_t master, const std::function<void()>& leave_master) noexcept {
  // The master's signals are still blocked here, so none can arrive too early.
  for (const int number : kIgnored) ::signal(number, SIG_IGN);
  leave_master();
  scoreboard_.slot(start.slot).pid.store(getpid(), std::memory_order_relaxed);
  std::string title = "tollgate worker " + std::to_string(start.slot);
  if (!traits_.name.empty()) title += " [" + traits_.name + "]";
  os::set_title(title + " generation " + std::to_string(start.generation));
  if (const Status ready = become_worker(start, generation, keys, master); !ready) {
    const os::Report report{
        .kind = os::Report::Kind::Failed, .code = kExitWorkerBoot, .text = ready.error().message};
    if (!start.lifeline.send(report)) log::error("{}", ready.error().message);
    _exit(kExitWorkerBoot);
  }
  // exit, not _exit: the leak check and the coverage report hang on it. It runs what static
  // objects have to say, but unwinds nothing, so that no object of the master's is destroyed.
  std::exit(worker_main_(std::move(start)));
}

// From the master's process to a worker's. The order matters: files before the user, since he may
// not open them; the parent's death behind the user, since the change forgets it.
Status Spawner::become_worker(WorkerStart& start, const Generation& generation,
                              const UniqueFd& keys, pid_t master) const {
  TOLLGATE_TRY(error_log, copy_of(generation.logs.error));
  log::use(std::move(error_log), start.config.errorlog, start.config.loglevel);
  TOLLGATE_TRY(access_log, copy_of(generation.logs.access));
  start.access_log = std::move(access_log);
  TOLLGATE_TRY(signing_key, copy_of(keys));
  start.signing_key = std::move(signing_key);
  if (traits_.in_background) TOLLGATE_CHECK(os::silence_standard_streams());
  TOLLGATE_CHECK(close_the_rest(start));
  if (!traits_.core_dumps) TOLLGATE_CHECK(os::limit_core_dumps(os::CoreDumps::OffForGood));
  if (traits_.identity) TOLLGATE_CHECK(os::become(*traits_.identity));
  if (traits_.identity && traits_.core_dumps) TOLLGATE_CHECK(os::make_dumpable());
  if (start.config.worker_scheduling == Scheduling::Batch) schedule();
  if (start.config.orphans == Orphans::Exit) TOLLGATE_CHECK(os::die_with_parent(master));
  return {};
}

Status Spawner::close_the_rest(const WorkerStart& start) const {
  std::vector<int> keep = traits_.keep;
  for (const auto& listener : start.listeners) keep.push_back(listener->fd());
  for (const int fd : {start.lifeline.fd(), start.application_fd, start.signing_key.get(),
                       start.access_log.get(), log::descriptor()})
    keep.push_back(fd);
  return os::close_all_except(keep);
}

}  // namespace tollgate::master
