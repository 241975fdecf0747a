// A real master with workers that only pretend: real forks, real signals, and
// what happens in each process comes to the test as a line of text.
//
// Every wait has a deadline and nothing sleeps: the test waits for an event or
// for a process's end.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "server/base/unique_fd.h"
#include "server/config/config.h"
#include "server/master/supervisor.h"

namespace tollgate::master {

// One thing that happened in a worker, or the readiness line of the master.
struct Event {
  std::string what;  // "boot", "ready", "drain", "quit", "reopen", "line", or a worker's own word
  int slot = -1;
  pid_t pid = 0;
  uint32_t generation = 0;
  std::string text = {};
};

// In a worker: what it is and how it tells the test.
class FakeWorker {
 public:
  FakeWorker(WorkerStart start, shm::Scoreboard& scoreboard, int events)
      : start_(std::move(start)), scoreboard_(scoreboard), events_(events) {}

  WorkerStart& start() { return start_; }
  shm::Slot& slot() { return scoreboard_.slot(start_.slot); }
  void tell(const std::string& what, const std::string& text = {}) const;
  void be_ready();
  // Beats, and answers orders as a worker does: 0 after Drain or Quit, 1 when the master is gone.
  int obey();
  // Neither beats nor reads its lifeline.
  [[noreturn]] static void hang();

 private:
  WorkerStart start_;
  shm::Scoreboard& scoreboard_;
  int events_;
};

using FakeMain = std::function<int(FakeWorker&)>;
int serve(FakeWorker& worker);  // ready, then obey

struct FakeSettings {
  Config config = {};
  FakeMain worker_main = serve;
  std::function<Result<Config>()> read_config = {};  // default: `config` again
  std::string application = {};
  std::vector<std::string> bind = {"127.0.0.1:0"};
  std::string notify_socket = {};
  std::vector<std::string> upgrade = {"/bin/false"};  // what USR2 starts
  bool as_process_one = false;  // in a PID name space of its own, as in a container
};

class FakeServer {
 public:
  explicit FakeServer(const FakeSettings& settings);
  ~FakeServer();  // kills the master; its workers die with it
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  bool started() const { return pidfd_.valid(); }  // false: not allowed to be process 1
  pid_t pid() const { return pid_; }
  void signal(int number) const;

  // The next event, or one with an empty `what` after `patience`.
  Event next(std::chrono::milliseconds patience = std::chrono::seconds(10));
  // Passes over others until one is `what`; a failure of the test if it does not come.
  Event await(const std::string& what,
              std::chrono::milliseconds patience = std::chrono::seconds(10));
  // The master's exit code, minus a signal's number, or nothing if it does not end in time.
  std::optional<int> exit_code(std::chrono::milliseconds patience = std::chrono::seconds(10));

 private:
  pid_t pid_ = 0;
  UniqueFd pidfd_;
  UniqueFd events_;
};

// True if the process has ended before `patience` is over.
bool ends(const UniqueFd& pidfd, std::chrono::milliseconds patience);
UniqueFd open_pidfd(pid_t pid);

}  // namespace tollgate::master
