// Going to the background, seen from the shell: the command ends when the server is ready.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/base/result.h"
#include "server/base/unique_fd.h"

namespace tollgate::os {

// In the process that goes on as the server. The process that was started waits: it ends with 0
// on ready(), with the code of ended(), or with 1 if the server vanished without a word.
class Daemon {
 public:
  // Forks twice, so that the server leads no session and can get no terminal, and returns in the
  // server alone. Standard streams stay as they are: who waits sees the errors. Errors: Io.
  static Result<Daemon> start();

  Daemon(Daemon&&) noexcept = default;
  Daemon& operator=(Daemon&&) = delete;
  ~Daemon() = default;

  // Makes the standard streams /dev/null and lets the process that was started go.
  Status ready();
  // The server ends. After ready() nobody is there to be told.
  void ended(int exit_code);

 private:
  explicit Daemon(UniqueFd waiter) : waiter_(std::move(waiter)) {}
  void tell(int exit_code);
  UniqueFd waiter_;  // takes the exit code, a byte
};

}  // namespace tollgate::os
