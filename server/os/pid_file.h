// The pid file: who is the master, for scripts that do not ask systemd.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>

#include "server/base/result.h"

namespace tollgate::os {

// Holds the number of the process that created it, for as long as that lives.
class PidFile {
 public:
  // Writes it atomically. A file that names a running process is an error
  // (Conflict), one that names none is replaced. Errors name the path. There is no lock: of two
  // that start at the same instant both may succeed, and it is the sockets that let one in alone.
  static Result<PidFile> create(std::string path);

  // Renames it over whatever is at `path`, in one step: an upgrade's "x.pid.2" becomes "x.pid".
  Status move_to(std::string path);

  PidFile(PidFile&& other) noexcept;
  PidFile& operator=(PidFile&&) = delete;
  // Removes the file if it still holds this process's number: a forked child,
  // or a master that another has succeeded, leaves it alone.
  ~PidFile();

 private:
  explicit PidFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// Removes the file at `path` if it holds `pid`: what another process cannot do any more.
void remove_pid_file(const std::string& path, pid_t pid);

}  // namespace tollgate::os
