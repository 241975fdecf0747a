// SPDX-License-Identifier: Apache-2.0
#include "server/os/program.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "server/config/loader.h"

namespace tollgate::os {
namespace {

constexpr int kNotExecuted = 127;  // as shells say it

bool is_working_directory(const char* path) {
  struct stat here;
  struct stat there;
  return path != nullptr && *path == '/' && stat(".", &here) == 0 && stat(path, &there) == 0 &&
         here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

std::string working_directory() {
  const char* const shown = std::getenv("PWD");
  if (is_working_directory(shown)) return shown;
  char buffer[PATH_MAX];
  return getcwd(buffer, sizeof buffer) != nullptr ? buffer : "/";
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// Returns only the error.
Error execute(Program program, const UpgradeChannel& channel) {
  if (chdir(program.directory.c_str()) != 0) return from_errno("chdir " + program.directory, errno);
  // Ours are all close-on-exec, but who knows what an application's library opened.
  if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
    return from_errno("close_range", errno);
  if (fcntl(channel.fd(), F_SETFD, 0) != 0) return from_errno("fcntl", errno);
  program.environment.push_back(std::string(kUpgradeVariable) + "=" + std::to_string(channel.fd()));
  const std::string path = path_of(program);
  const auto arguments = pointers(program.arguments);
  const auto environment = pointers(program.environment);
  execvpe(path.c_str(), arguments.data(), environment.data());
  return from_errno("execute " + path, errno);
}

}  // namespace

Program program_as_started(std::vector<std::string> arguments,
                           std::vector<std::string> environment) {
  return {.arguments = std::move(arguments),
          .environment = std::move(environment),
          .directory = working_directory()};
}

std::string path_of(const Program& program) {
  const std::string& name = program.arguments.front();
  const bool relative = name.find('/') != std::string::npos && name.front() != '/';
  return relative ? program.directory + "/" + name : name;
}

Result<Child> launch(const Program& program, UpgradeChannel channel,
                     const std::function<void()>& leave) {
  std::fflush(nullptr);
  auto child = fork_child();
  if (!child || child->pid != 0) return child;
  leave();
  ::signal(SIGPIPE, SIG_DFL);
  // Whether it was heard is all the same: the exit code says it, too.
  static_cast<void>(channel.send(Word::Failed, execute(program, channel).message));
  _exit(kNotExecuted);
}

}  // namespace tollgate::os
