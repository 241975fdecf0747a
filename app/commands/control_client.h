// The other end of the control socket: one question, one answer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "server/base/result.h"
#include "server/base/unique_fd.h"
#include "server/base/units.h"

namespace tollgate::commands {

class ControlClient {
 public:
  // Connects to the first of `candidates` that exists. Errors: NotFound (none does), Denied,
  // Closed (nobody listens), as sentences for the operator.
  static Result<ControlClient> connect(const std::vector<std::string>& candidates);

  const std::string& path() const { return path_; }

  // The server's line. `patience` of 0: as long as it takes. Errors: Timeout; Closed, if the
  // server ends before it answers.
  Result<std::string> ask(const std::string& request, milliseconds patience);
  // Until the server closes the connection. Errors: Timeout.
  Status wait_for_end(milliseconds patience);

 private:
  ControlClient(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  UniqueFd fd_;
  std::string path_;
};

}  // namespace tollgate::commands
