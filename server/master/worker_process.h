// A worker as the master sees it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <span>
#include <string>

#include "server/base/unique_fd.h"
#include "server/master/plan.h"
#include "server/os/lifeline.h"
#include "server/shm/scoreboard.h"

namespace tollgate::master {

// How a process ended: by itself with a code, or killed by a signal.
struct Exit {
  std::optional<int> code;
  int signal = 0;  // neither code nor signal: it was reaped behind our back
  bool core_dumped = false;
};
// "ended with code 4 (the application could not be loaded)", "was killed by SIGSEGV".
std::string to_string(const Exit& exit);

// Nothing while the child behind `pidfd` runs. Once it gave an Exit the process is gone for good.
std::optional<Exit> reap(const UniqueFd& pidfd);

// Owns the descriptors, not the process: destroying it ends nothing.
class WorkerProcess {
 public:
  WorkerProcess(int slot, uint32_t generation, const Limits& limits, pid_t pid, UniqueFd pidfd,
                os::Lifeline lifeline, SteadyTime now);

  int slot() const { return view_.slot; }
  uint32_t generation() const { return view_.generation; }
  WorkerState state() const { return view_.state; }
  const Retirement& retirement() const { return view_.retirement; }
  pid_t pid() const { return pid_; }
  SteadyTime started() const { return started_; }
  int pidfd() const { return pidfd_.get(); }
  int lifeline_fd() const { return open_ ? lifeline_.fd() : -1; }
  // "worker 3 (pid 4711, generation 2)", for the log.
  std::string name() const;

  // What plan() needs to know; its beat is read from the scoreboard.
  WorkerView view(const shm::Slot& slot) const;

  // The next report, if there is one. The end of the lifeline is no report:
  // the process is then reaped soon, or by its deadline.
  std::optional<os::Report> take_report();
  void on_ready(SteadyTime now);
  void on_retire(Reason reason) { view_.wants = reason; }

  // Carries out anything but Spawn. What cannot be sent is logged: the deadlines see to the rest.
  void act(const Action& action, SteadyTime now);
  void send(os::Order order, std::span<const int> descriptors = {});

  // Other keys: sent, and taken. One that they cannot be sent to is to be replaced.
  void send_keys(int keys);
  void on_keys_taken() { --keys_owed_; }
  bool has_keys_sent() const { return keys_owed_ <= 0; }

  std::optional<Exit> reap() const { return master::reap(pidfd_); }

  // Time that passed without the master does not count against the worker.
  void forgive(SteadyTime::duration lost, SteadyTime now);

 private:
  void signal(int number);
  bool try_send(os::Order order, std::span<const int> descriptors);

  WorkerView view_;
  pid_t pid_;
  SteadyTime started_;
  UniqueFd pidfd_;
  os::Lifeline lifeline_;
  bool open_ = true;    // the lifeline's other end is
  bool ready_ = false;  // has ever been
  int keys_owed_ = 0;   // orders to use other keys that were not answered
};

}  // namespace tollgate::master
