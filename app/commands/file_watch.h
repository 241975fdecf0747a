// Watches the application's file for the development server.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uv.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "server/net/timer.h"
#include "server/net/uv_handle.h"
#include "server/os/file_stamp.h"

namespace tollgate::commands {

// When the file has changed and then kept still, tries it with `check` in a
// process of its own; only when that ends with 0 is `changed` called. A broken
// build leaves the server as it is.
class FileWatch {
 public:
  // On the loop. `check` is a command line of this program, to be run in `directory`.
  FileWatch(uv_loop_t* loop, std::string path, std::vector<std::string> check,
            std::string directory, std::function<void()> changed);
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;
  ~FileWatch() = default;

 private:
  void look();
  void start_check();
  void checked(int64_t exit_code);

  uv_loop_t* const loop_;
  const std::string path_;
  std::vector<std::string> check_;
  const std::string directory_;
  const std::function<void()> changed_;
  os::FileStamp running_;  // what is being served, or was found broken
  os::FileStamp seen_;     // at the last look
  net::UvHandle<uv_process_t> process_;
  net::Timer timer_;
};

}  // namespace tollgate::commands
