// Where log lines go: a file that is appended to, or a standard stream.
//
// A full disk, a closed descriptor or a reader that is gone does not end the
// process (no SIGPIPE either). Several processes may append to one file or pipe.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "server/base/result.h"
#include "server/base/unique_fd.h"

namespace tollgate::log {

class Output {
 public:
  // Path "-" is the descriptor `standard`, which is borrowed and not closed.
  // Errors: the system's, from open(2).
  static Result<Output> open(std::string path, int standard);

  // A file that another process has opened; `path` is for messages.
  static Output adopt(UniqueFd file, std::string path);

  // A descriptor of its own for the same file. Errors: Io.
  Result<UniqueFd> duplicate() const;
  int descriptor() const { return owned_.valid() ? owned_.get() : standard_; }

  // Opens the path again, after a rotation has renamed the file. On an error
  // the old file stays in use. Nothing to do for "-".
  Status reopen();

  struct Written {
    std::size_t count;  // bytes taken, from the front
    int error;          // the errno that stopped it, or 0 when all were taken
  };
  // Writes `lines`, each with its newline. A regular file gets them in one
  // write, which O_APPEND makes one piece among other writers; a pipe gets
  // pieces of at most PIPE_BUF that end at a line's end, which makes them one
  // piece too. (A single line above PIPE_BUF may be torn in a pipe.)
  // EAGAIN means that the reader of a non-blocking pipe is slow; a blocking
  // one blocks.
  Written write(std::string_view lines);

  // Waits until a write may go on; false when it still may not.
  bool wait(std::chrono::milliseconds limit) const;

  const std::string& path() const { return path_; }

 private:
  Output(std::string path, int standard) : path_(std::move(path)), standard_(standard) {}
  Written write_piece(std::string_view piece) const;

  std::string path_;
  int standard_;
  UniqueFd owned_;
  bool regular_ = false;
};

}  // namespace tollgate::log
