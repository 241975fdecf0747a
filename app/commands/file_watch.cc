// SPDX-License-Identifier: Apache-2.0
#include "app/commands/file_watch.h"

#include <sys/stat.h>

#include <array>
#include <chrono>

#include "server/log/logging.h"

namespace tollgate::commands {
namespace {

// Two looks must agree before a file counts as written: a linker takes a while.
constexpr std::chrono::milliseconds kLook{200};

}  // namespace

FileWatch::FileWatch(uv_loop_t* loop, std::string path, std::vector<std::string> check,
                     std::string directory, std::function<void()> changed)
    : loop_(loop),
      path_(std::move(path)),
      check_(std::move(check)),
      directory_(std::move(directory)),
      changed_(std::move(changed)),
      running_(os::file_stamp(path_)),
      seen_(running_),
      timer_(loop, [this] { look(); }) {
  timer_.start(kLook, kLook);
}

void FileWatch::look() {
  const os::FileStamp now = os::file_stamp(path_);
  const bool still = now == seen_;
  seen_ = now;
  const bool gone = now == os::FileStamp{};  // between unlink and rename
  if (!still || gone || now == running_ || process_) return;
  running_ = now;
  start_check();
}

void FileWatch::start_check() {
  log::info("{} has changed: it is checked", path_);
  std::vector<char*> argv;
  argv.reserve(check_.size() + 1);
  for (std::string& word : check_) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::array<uv_stdio_container_t, 3> streams{};
  streams[0].flags = UV_IGNORE;
  streams[1].flags = UV_IGNORE;
  streams[2].flags = UV_INHERIT_FD;  // its complaints
  streams[2].data.fd = 2;
  uv_process_options_t options{};
  options.file = "/proc/self/exe";
  options.args = argv.data();
  if (!directory_.empty()) options.cwd = directory_.c_str();
  options.stdio = streams.data();
  options.stdio_count = static_cast<int>(streams.size());
  options.exit_cb = [](uv_process_t* process, int64_t exit_code, int signal) {
    if (process->data != nullptr)
      static_cast<FileWatch*>(process->data)->checked(signal != 0 ? 128 + signal : exit_code);
  };
  process_.reset(new uv_process_t);
  const int status = uv_spawn(loop_, process_.get(), &options);
  process_->data = this;
  if (status != 0) {
    log::error("cannot check {}: {}", path_, uv_strerror(status));
    process_.reset();
  }
}

void FileWatch::checked(int64_t exit_code) {
  process_.reset();
  if (exit_code != 0)
    return log::error("{} does not work (see above): the server goes on with the old one", path_);
  log::info("{} is fine: restarting with it", path_);
  changed_();
}

}  // namespace tollgate::commands
