// SPDX-License-Identifier: Apache-2.0
#include "tests/server/master/fake_server.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <sstream>

#include "server/os/process.h"

namespace tollgate::master {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

bool readable(int fd, milliseconds patience) {
  pollfd watched{.fd = fd, .events = POLLIN, .revents = 0};
  return poll(&watched, 1, static_cast<int>(patience.count())) == 1;
}

// A test that says nothing of its own about addresses means those of its settings.
Config with_binds(Config config, const FakeSettings& settings) {
  if (config.bind == Config{}.bind) config.bind = settings.bind;
  return config;
}

[[noreturn]] void run_master(const FakeSettings& settings, int events) {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  setrlimit(RLIMIT_CORE, &none);  // the workers here crash on purpose
  for (const char* name : {"RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR", "NOTIFY_SOCKET"}) unsetenv(name);
  if (!settings.notify_socket.empty())
    setenv("NOTIFY_SOCKET", settings.notify_socket.c_str(), /*overwrite=*/1);
  auto scoreboard = shm::Scoreboard::create();
  const Config config = with_binds(settings.config, settings);
  auto durable = shm::Durable::create();
  auto listeners = os::open_listeners(config);
  if (!scoreboard || !durable || !listeners) _exit(99);
  const Wiring wiring{
      .worker_main =
          [&](WorkerStart start) {
            FakeWorker worker(std::move(start), *scoreboard, events);
            worker.tell("boot");
            return settings.worker_main(worker);
          },
      .read_config = [&settings]() -> Result<Config> {
        if (!settings.read_config) return with_binds(settings.config, settings);
        TOLLGATE_TRY(read, settings.read_config());
        return with_binds(std::move(read), settings);
      },
      .application = settings.application,
      .traits = {.keep = {events}},
      .on_ready =
          [events](std::string_view line) {
            const std::string text = "line -1 0 0 " + std::string(line);
            send(events, text.data(), text.size(), MSG_NOSIGNAL);
          },
      .relaunch = {.program = {
                       .arguments = settings.upgrade, .environment = {}, .directory = "/"}}};
  int code = 0;
  {
    Supervisor supervisor(config, *std::move(listeners), *scoreboard, *durable, wiring);
    code = supervisor.run();
  }
  _exit(code);
}

}  // namespace

void FakeWorker::tell(const std::string& what, const std::string& text) const {
  std::ostringstream out;
  out << what << ' ' << start_.slot << ' ' << getpid() << ' ' << start_.generation << ' ' << text;
  const std::string packet = out.str();
  send(events_, packet.data(), packet.size(), MSG_NOSIGNAL);
}

void FakeWorker::be_ready() {
  slot().state = shm::SlotState::Serving;
  tell("ready");  // before the master knows, so that what it then does to others comes after
  static_cast<void>(start_.lifeline.send(os::Report{os::Report::Kind::Ready}));
}

int FakeWorker::obey() {
  using State = os::Received<os::Order>::State;
  for (;;) {
    slot().beat = shm::to_beat(steady_clock::now());
    readable(start_.lifeline.fd(), shm::kBeat);
    const auto received = start_.lifeline.receive_order();
    if (received.state == State::Closed) return 1;
    if (received.message == os::Order::Reopen) tell("reopen");
    if (received.message == os::Order::Drain) return tell("drain"), 0;
    if (received.message == os::Order::Quit) return tell("quit"), 0;
  }
}

void FakeWorker::hang() {
  for (;;) pause();
}

int serve(FakeWorker& worker) {
  worker.be_ready();
  return worker.obey();
}

FakeServer::FakeServer(const FakeSettings& settings) {
  std::array<int, 2> ends_of_pair{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends_of_pair.data()) != 0) std::abort();
  events_.reset(ends_of_pair[0]);
  const UniqueFd theirs(ends_of_pair[1]);
  const pid_t test = getpid();
  const long flags = SIGCHLD | (settings.as_process_one ? CLONE_NEWPID : 0);
  pid_ = static_cast<pid_t>(syscall(SYS_clone, flags, nullptr, nullptr, nullptr, nullptr));
  if (pid_ < 0) return;
  if (pid_ == 0) {
    events_.reset();
    // A process outside the name space has the number 0 inside.
    static_cast<void>(os::die_with_parent(settings.as_process_one ? 0 : test));
    run_master(settings, theirs.get());
  }
  pidfd_ = open_pidfd(pid_);
}

FakeServer::~FakeServer() {
  if (!pidfd_.valid()) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void FakeServer::signal(int number) const { kill(pid_, number); }

Event FakeServer::next(milliseconds patience) {
  if (!readable(events_.get(), patience)) return {};
  std::array<char, 4096> buffer;
  const ssize_t got = recv(events_.get(), buffer.data(), buffer.size(), 0);
  if (got <= 0) return {};
  std::istringstream in(std::string(buffer.data(), static_cast<std::size_t>(got)));
  Event event;
  in >> event.what >> event.slot >> event.pid >> event.generation;
  in.get();
  std::getline(in, event.text);
  return event;
}

Event FakeServer::await(const std::string& what, milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    Event event = next(std::max(left, milliseconds(0)));
    if (event.what == what) return event;
    if (event.what.empty()) {
      ADD_FAILURE() << "no \"" << what << "\" within " << patience.count() << " ms";
      return event;
    }
  }
}

std::optional<int> FakeServer::exit_code(milliseconds patience) {
  if (!ends(pidfd_, patience)) return std::nullopt;
  int status = 0;
  waitpid(pid_, &status, 0);
  pidfd_.reset();
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

bool ends(const UniqueFd& pidfd, milliseconds patience) { return readable(pidfd.get(), patience); }

UniqueFd open_pidfd(pid_t pid) {
  return UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

}  // namespace tollgate::master
