// A child process with its output, that cannot outlive the test.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "server/base/clock.h"
#include "server/base/unique_fd.h"
#include "tests/support/deadline.h"

namespace tollgate::test {

struct Line {
  SteadyTime time;  // when it was read, which is at once
  std::string text;
};

// The lines of a pipe, read by a thread of its own so that the writer never blocks.
class Output {
 public:
  explicit Output(UniqueFd pipe);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output();  // stops reading, even if somebody still holds the other end

  // How many lines there are so far: a place from which to wait on.
  std::size_t mark() const;
  // The first line at or behind `from` that contains `part`; nothing if none came in time or
  // the pipe has ended without.
  std::optional<Line> wait_for(std::string_view part, std::size_t from = 0,
                               milliseconds patience = kPatience) const;
  // Until every process that held the other end is gone; false: somebody still is there.
  bool wait_for_end(milliseconds patience) const;
  std::vector<std::string> lines() const;
  std::string text() const;

 private:
  void read();

  UniqueFd pipe_;
  UniqueFd stop_;
  mutable std::mutex mutex_;  // guards the next three
  mutable std::condition_variable changed_;
  std::vector<Line> lines_;
  bool ended_ = false;
  std::thread reader_;
};

struct ExitStatus {
  int code = -1;   // or
  int signal = 0;  // what killed it
  bool operator==(const ExitStatus&) const = default;
};

struct Command {
  std::vector<std::string> arguments;         // the first is the program's path
  std::string directory = "/";                // to run in
  std::vector<std::string> environment = {};  // "NAME=VALUE", besides ours without TOLLGATE_…
  std::string input = {};                     // all of its standard input
};

// Runs in a process group of its own. What is still there of the group when the object dies is
// killed; if this process dies first, the kernel kills the child.
class Process {
 public:
  // On the thread that lives as long as the process shall live.
  explicit Process(const Command& command);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  pid_t pid() const { return pid_; }
  const Output& out() const { return *out_; }
  const Output& err() const { return *err_; }

  // To the process alone.
  void signal(int number) const;
  // Nothing: it still runs.
  std::optional<ExitStatus> wait(milliseconds patience = kPatience);

 private:
  pid_t pid_ = -1;
  UniqueFd pidfd_;
  std::optional<ExitStatus> status_;
  std::optional<Output> out_;
  std::optional<Output> err_;
};

// Waits for the end of a process that need not be our child. True: it is gone.
bool wait_for_end_of(const UniqueFd& pidfd, milliseconds patience);
UniqueFd open_pidfd(pid_t pid);

// What each descriptor of a process is, as the links in /proc say; nothing if it is gone.
std::multiset<std::string> descriptors_of(pid_t pid);

struct Finished {
  ExitStatus status;
  std::string out;
  std::string err;
};
// Runs a command to its end.
Finished run(const Command& command, milliseconds patience = kPatience);

}  // namespace tollgate::test
