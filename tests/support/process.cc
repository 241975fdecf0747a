// SPDX-License-Identifier: Apache-2.0
#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace tollgate::test {
namespace {

std::pair<UniqueFd, UniqueFd> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// What a service is told by whoever starts it.
constexpr std::string_view kOthers[] = {"TOLLGATE_",      "RUNTIME_DIRECTORY=", "XDG_RUNTIME_DIR=",
                                        "NOTIFY_SOCKET=", "WATCHDOG_",          "LISTEN_"};

// The settings of whoever runs the tests are not those of the server under test.
std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> all = command.environment;
  // Of two with the same name the first counts for most who look.
  const auto is_given = [&](std::string_view text) {
    const std::string_view name = text.substr(0, text.find('=') + 1);
    return std::ranges::any_of(command.environment,
                               [&](const std::string& given) { return given.starts_with(name); });
  };
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const bool other =
        std::ranges::any_of(kOthers, [&](auto prefix) { return text.starts_with(prefix); });
    if (!other && !is_given(text)) all.emplace_back(text);
  }
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// Nothing but system calls: the parent has threads.
[[noreturn]] void become(char** argv, char** environment, const char* directory, int in, int out,
                         int err) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGPIPE, SIGINT, SIGQUIT, SIGHUP}) ::signal(number, SIG_DFL);
  if (dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(err, 2) == 2 && chdir(directory) == 0)
    execve(argv[0], argv, environment);
  _exit(127);
}

void write_all(const UniqueFd& pipe, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(pipe.get(), text.data(), text.size());
    if (written < 0) return;  // it does not want to know
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

Output::Output(UniqueFd pipe)
    : pipe_(std::move(pipe)), stop_(eventfd(0, EFD_CLOEXEC)), reader_([this] { read(); }) {}

Output::~Output() {
  const uint64_t one = 1;
  if (write(stop_.get(), &one, sizeof one) != sizeof one) std::abort();
  reader_.join();
}

void Output::read() {
  std::string rest;
  std::vector<char> buffer(64 << 10);
  for (;;) {
    pollfd watched[] = {{pipe_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    if (poll(watched, 2, -1) < 0) continue;
    const ssize_t n = watched[0].revents != 0 ? ::read(pipe_.get(), buffer.data(), buffer.size())
                                              : 0;  // told to stop
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    rest.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    for (auto end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
      lines_.push_back({now, rest.substr(0, end)});
      rest.erase(0, end + 1);
    }
    if (n <= 0 && !rest.empty()) lines_.push_back({now, std::exchange(rest, {})});
    ended_ = n <= 0;
    changed_.notify_all();
    if (ended_) return;
  }
}

std::size_t Output::mark() const {
  const std::lock_guard lock(mutex_);
  return lines_.size();
}

std::optional<Line> Output::wait_for(std::string_view part, std::size_t from,
                                     milliseconds patience) const {
  std::optional<Line> found;
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, Deadline(patience).at(), [&] {
    for (; from < lines_.size() && !found; ++from)
      if (lines_[from].text.find(part) != std::string::npos) found = lines_[from];
    return found || ended_;
  });
  return found;
}

bool Output::wait_for_end(milliseconds patience) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, Deadline(patience).at(), [this] { return ended_; });
}

std::vector<std::string> Output::lines() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const Line& line : lines_) out.push_back(line.text);
  return out;
}

std::string Output::text() const {
  std::string out;
  for (const std::string& line : lines()) out.append(line).append("\n");
  return out;
}

Process::Process(const Command& command) {
  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> environment = environment_of(command);
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(environment);
  auto [in_read, in_write] = make_pipe();
  auto [out_read, out_write] = make_pipe();
  auto [err_read, err_write] = make_pipe();
  pid_ = fork();
  if (pid_ < 0) std::abort();
  if (pid_ == 0)
    become(const_cast<char**>(argv.data()), const_cast<char**>(envp.data()),
           command.directory.c_str(), in_read.get(), out_write.get(), err_write.get());
  setpgid(pid_, pid_);  // both do it: whoever comes second finds it done
  pidfd_ = open_pidfd(pid_);
  in_read.reset();
  out_write.reset();
  err_write.reset();
  out_.emplace(std::move(out_read));
  err_.emplace(std::move(err_read));
  write_all(in_write, command.input);
}

// The number of a group is nobody else's while its leader is not reaped, or any of it lives: and
// who still holds our pipe does.
Process::~Process() {
  if (!status_ || !err_->wait_for_end(0ms)) kill(-pid_, SIGKILL);
  wait();
}

void Process::signal(int number) const {
  syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0);
}

std::optional<ExitStatus> Process::wait(milliseconds patience) {
  if (status_) return status_;
  if (!wait_for_end_of(pidfd_, patience)) return std::nullopt;
  int status = 0;
  if (waitpid(pid_, &status, 0) != pid_) return std::nullopt;
  status_ = WIFEXITED(status) ? ExitStatus{.code = WEXITSTATUS(status)}
                              : ExitStatus{.code = -1, .signal = WTERMSIG(status)};
  return status_;
}

UniqueFd open_pidfd(pid_t pid) {
  return UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

std::multiset<std::string> descriptors_of(pid_t pid) {
  std::multiset<std::string> out;
  std::error_code gone;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd", gone)) {
    out.insert(std::filesystem::read_symlink(entry.path(), gone).string());
  }
  return out;
}

bool wait_for_end_of(const UniqueFd& pidfd, milliseconds patience) {
  const Deadline deadline(patience);
  for (;;) {
    pollfd watched{pidfd.get(), POLLIN, 0};
    const int ready = poll(&watched, 1, deadline.poll_timeout());
    if (ready > 0) return true;
    if (ready == 0 && deadline.passed()) return false;
    if (ready < 0 && errno != EINTR) return false;
  }
}

Finished run(const Command& command, milliseconds patience) {
  Process process(command);
  const auto status = process.wait(patience);
  process.out().wait_for_end(patience);
  process.err().wait_for_end(patience);
  return {status.value_or(ExitStatus{}), process.out().text(), process.err().text()};
}

}  // namespace tollgate::test
