// SPDX-License-Identifier: Apache-2.0
#include "server/master/supervisor.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "server/base/exit_code.h"
#include "server/log/logging.h"
#include "server/os/cpu_count.h"
#include "server/os/sealed_copy.h"

namespace tollgate::master {
namespace {

// The longest sleep: how soon the master notices that it overslept. Together with
// kOverslept it has to stay well below the shortest sensible `timeout`.
constexpr milliseconds kLongestSleep = 1s;
constexpr milliseconds kOverslept = 500ms;

}  // namespace

Supervisor::Supervisor(Config config, os::Listeners listeners, shm::Scoreboard& scoreboard,
                       shm::Durable& durable, Wiring wiring)
    : scoreboard_(scoreboard),
      durable_(durable),
      wiring_(std::move(wiring)),
      spawner_(scoreboard, wiring_.worker_main, wiring_.traits),
      pidfile_(config.pidfile),
      target_{.workers = worker_count(config), .slots = shm::Scoreboard::kMaxWorkers},
      // systemd listens to the old master until it is told of the new one.
      notify_(wiring_.predecessor != nullptr ? os::Notifier("") : os::Notifier::from_environment()),
      predecessor_(wiring_.predecessor),
      watchdog_(os::watchdog_interval(std::getenv("WATCHDOG_USEC"), std::getenv("WATCHDOG_PID"),
                                      getpid())) {
  generations_.emplace(newest_generation_, Generation{.number = newest_generation_,
                                                      .config = std::move(config),
                                                      .listeners = std::move(listeners)});
}

int Supervisor::worker_count(const Config& config) {
  if (config.workers == 0) return std::min(os::cpu_count(), kMaxWorkers);
  if (config.workers > kMaxWorkers)
    log::warning("workers is {}; {} is the most there can be", config.workers, kMaxWorkers);
  return static_cast<int>(std::min<uint32_t>(config.workers, kMaxWorkers));
}

int Supervisor::run() {
  if (const auto started = start(); !started) {
    log::critical("{}", started.error().message);
    if (predecessor_ != nullptr) predecessor_->tell_failed(started.error().message);
    return exit_code_ != kExitOk ? exit_code_ : kExitRuntime;
  }
  awake_ = started_ = now();
  while (!is_over()) {
    look();
    serve_control();
    decide_and_act();
    announce_readiness();
    note_end_of_reload();
    tell_systemd();
    end_quarantines();
    sleep();
  }
  return finish();
}

bool Supervisor::is_over() const {
  return is_ending() && workers_.empty() && upgrade_.told == target_.mode &&
         !holds_up_the_end(upgrade_.state);
}

Status Supervisor::start() {
  Generation& first = generations_.at(newest_generation_);
  if (auto copied = copy_application(first); !copied) {
    exit_code_ = kExitApplication;
    return copied;
  }
  key_files_.read = os::file_stamps(key_files_of(first.config));
  auto keys = open_files(first);
  if (!keys) {
    exit_code_ = kExitConfiguration;
    return fail(keys.error());
  }
  keys_.start_with(*std::move(keys));
  TOLLGATE_CHECK(start_pid_file());
  // A log that goes into a closed pipe must not end the server.
  ::signal(SIGPIPE, SIG_IGN);
  TOLLGATE_TRY(signals, os::Signals::open({SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGTTIN, SIGTTOU,
                                           SIGUSR1, SIGUSR2, SIGWINCH, SIGCHLD}));
  signals_.emplace(std::move(signals));
  if (predecessor_ == nullptr) open_control();  // else it is the old one's yet
  return {};
}

Status Supervisor::copy_application(Generation& generation) const {
  if (wiring_.application.empty()) return {};
  TOLLGATE_TRY(copy, os::sealed_copy(wiring_.application));
  generation.application = std::move(copy);
  return {};
}

// Gives the keys.
Result<UniqueFd> Supervisor::open_files(Generation& generation) const {
  UniqueFd keys;
  generation.key_files = key_files_of(generation.config);
  if (wiring_.take_keys) {
    TOLLGATE_TRY(taken, wiring_.take_keys(generation.config));
    keys = std::move(taken);
  }
  generation.has_keys = keys.valid();
  TOLLGATE_TRY(logs, log::open_log_files(generation.config));
  generation.logs = std::move(logs);
  return keys;
}

void Supervisor::look() {
  // A worker's last report is read after its end is known: nothing can come behind it.
  for (std::size_t i = 0; i < workers_.size();) {
    const auto exit = workers_[i].reap();
    read_reports(workers_[i]);
    if (!exit) {
      ++i;
      continue;
    }
    const WorkerProcess gone = std::move(workers_[i]);
    workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(i));
    on_exit(gone, *exit);
  }
  if (getpid() == 1) reap_strangers();
  while (const auto signal = signals_->take()) on_signal(*signal);
  mind_upgrade();
  mind_keys();
}

void Supervisor::decide_and_act() {
  target_.respawn = respawn_.not_before();
  target_.one_by_one = respawn_.looping(awake_);
  // By the time of waking: what is lost from there on is noticed before the next plan.
  for (const Action& action : plan(views(), target_, awake_)) {
    if (action.kind == Action::Kind::Spawn) {
      spawn(action);
      continue;
    }
    const auto worker = std::ranges::find(workers_, action.slot, &WorkerProcess::slot);
    if (worker == workers_.end()) continue;
    const bool canary_is_late =
        action.kind == Action::Kind::Abort && worker->generation() == target_.candidate;
    worker->act(action, now());
    scoreboard_.slot(action.slot)
        .reason.store(static_cast<uint32_t>(action.reason) + 1, std::memory_order_relaxed);
    if (canary_is_late) abandon_candidate(worker->name() + " was not ready in time");
  }
  if (target_.mode == Mode::Lame && mode_at(target_, awake_) == Mode::Stop) {
    log::info("shutdown_delay is over: no new connections, and the workers drain");
    target_.mode = Mode::Stop;
  }
  // Whoever still holds a copy keeps the socket open: from here on only the workers
  // do, and each closes its own when it has taken what is queued. But a master that is
  // handing over keeps them until it knows that another has them.
  const bool undecided = upgrade_.gave_up && holds_up_the_end(upgrade_.state);
  if (is_ending() && upgrade_.told == target_.mode && !undecided) close_listeners();
  scoreboard_.set_state(state());
}

void Supervisor::close_listeners() {
  for (auto& [number, generation] : generations_) generation.listeners.clear();
}

std::vector<WorkerView> Supervisor::views() const {
  std::vector<WorkerView> views;
  for (const WorkerProcess& worker : workers_)
    views.push_back(worker.view(std::as_const(scoreboard_).slot(worker.slot())));
  return views;
}

void Supervisor::sleep() {
  if (is_over() || upgrade_.told != target_.mode) return;
  std::vector<pollfd> watched = {{.fd = signals_->fd(), .events = POLLIN, .revents = 0}};
  for (const WorkerProcess& worker : workers_) {
    watched.push_back({.fd = worker.pidfd(), .events = POLLIN, .revents = 0});
    watched.push_back({.fd = worker.lifeline_fd(), .events = POLLIN, .revents = 0});
  }
  if (predecessor_ != nullptr)
    watched.push_back({.fd = predecessor_->fd(), .events = POLLIN, .revents = 0});
  if (upgrade_.successor) {
    watched.push_back({.fd = upgrade_.successor->pidfd(), .events = POLLIN, .revents = 0});
    watched.push_back({.fd = upgrade_.successor->channel_fd(), .events = POLLIN, .revents = 0});
  }
  if (control_) control_->watch(watched);
  const SteadyTime begin = now();
  target_.respawn = respawn_.not_before();
  SteadyTime end =
      std::min({next_deadline(views(), target_, begin), upgrade_.deadline, begin + kLongestSleep});
  if (watchdog_) end = std::min(end, std::max(next_ping_, begin));
  const auto wait = std::max<std::chrono::nanoseconds>(end - begin, 0ns);
  const timespec timeout{.tv_sec = static_cast<time_t>(wait / 1s),
                         .tv_nsec = static_cast<long>((wait % 1s).count())};
  ppoll(watched.data(), watched.size(), &timeout, nullptr);

  // In a frozen cgroup, or on a machine that thrashes, the workers stood still as well:
  // they get the lost time again before anyone is judged by it. It may have been lost
  // anywhere in the loop, so that the time of the last waking is what counts.
  const SteadyTime before = std::exchange(awake_, now());
  if (const auto lost = awake_ - before - wait; lost > kOverslept) {
    log::warning("the master overslept by {} ms; the workers' deadlines move by as much",
                 std::chrono::duration_cast<milliseconds>(lost).count());
    for (WorkerProcess& worker : workers_) worker.forgive(lost, awake_);
    if (upgrade_.successor && upgrade_.deadline != SteadyTime::max()) upgrade_.deadline += lost;
  }
}

int Supervisor::finish() {
  close_listeners();
  pid_file_.reset();
  signals_.reset();
  // Last of all: whoever waits for the end sees it.
  control_.reset();
  log::info("tollgate (pid {}) has stopped with code {}", getpid(), exit_code_);
  return exit_code_;
}

}  // namespace tollgate::master
