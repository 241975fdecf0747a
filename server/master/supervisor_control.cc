// What `tollgate ctl` asks of the master, and when it is told the outcome.
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>

#include "server/config/control_path.h"
#include "server/log/logging.h"
#include "server/master/supervisor.h"

namespace tollgate::master {
namespace {

constexpr std::string_view kStopping = "the server is stopping";

std::string describe(Task task, uint32_t generation, pid_t pid) {
  switch (task) {
    case Task::Reload:
      return "generation " + std::to_string(generation) + " serves";
    case Task::Upgrade:
      return "the new master serves";
    case Task::Retire:
      return "the worker of process " + std::to_string(pid) + " has ended";
  }
  return {};
}

}  // namespace

// A server without a control socket is better than no server.
void Supervisor::open_control(pid_t predecessor) {
  const std::string& setting = generations_.at(target_.generation).config.control_socket;
  const std::string path = control_path(setting, RuntimeFolders::from_environment());
  if (path.empty()) return;
  if (control_ && control_->owns_path()) return;
  control_.reset();
  waiters_.clear();  // with their connections
  auto control = ControlServer::open(path, predecessor);
  if (control) {
    control_.emplace(*std::move(control));
    return log::debug("control socket {}", path);
  }
  // Nobody asked for the one that is automatic: a folder that is not there or not ours is no fault.
  const bool conflict = control.error().code == Errc::Conflict;
  if (setting == kAutomaticControl && !conflict)
    log::info("no control socket: {}", control.error().message);
  else
    log::warning("no control socket: {}", control.error().message);
}

void Supervisor::serve_control() {
  if (!control_) return;
  for (const ControlServer::Line& line : control_->serve(now())) obey(line);
  std::erase_if(waiters_, [this](const Waiter& waiter) {
    if (!control_->waits(waiter.client)) return true;
    const bool gone =
        waiter.task == Task::Retire &&
        std::ranges::find(workers_, waiter.pid, &WorkerProcess::pid) == workers_.end();
    if (!gone && target_.mode == Mode::Run) return false;
    control_->answer(
        waiter.client,
        gone ? done_json(describe(waiter.task, 0, waiter.pid)) : failed_json(kStopping), now());
    return true;
  });
}

void Supervisor::obey(const ControlServer::Line& line) {
  const auto answer = [&](const std::string& json) { control_->answer(line.client, json, now()); };
  const auto request = parse_control_request(line.text);
  if (!request) return answer(failed_json(request.error().message));
  if (request->wait && !control_->has_room_to_wait())
    return answer(failed_json("too many are waiting already"));
  switch (request->verb) {
    case Verb::Status:
      return answer(to_json(server_report()));
    case Verb::Workers:
      return answer(to_json(worker_reports(), now()));
    case Verb::Stop:
      // A second one does not make haste, as a second TERM does: nobody types it by mistake.
      if (target_.mode == Mode::Run) stop("`tollgate ctl stop` of " + line.who);
      if (!request->wait) return answer(done_json("the server is stopping"));
      return control_->hold_open(line.client, done_json("the server is stopping"), now());
    case Verb::Reload:
    case Verb::Upgrade:
      return begin(*request, line);
    case Verb::Retire:
      return retire(*request, line);
  }
}

// Whoever asks is noted first, since the end may come at once.
void Supervisor::begin(const ControlRequest& request, const ControlServer::Line& line) {
  const bool is_reload = request.verb == Verb::Reload;
  const uint32_t number = is_reload ? newest_generation_ + 1 : 0;
  log::info("`tollgate ctl {}` of {}", is_reload ? "reload" : "upgrade", line.who);
  waiters_.push_back({.client = line.client,
                      .task = is_reload ? Task::Reload : Task::Upgrade,
                      .generation = number});
  if (is_reload) {
    reload();
  } else if (const Status begun = upgrade(); !begun) {
    conclude(Task::Upgrade, begun.error().message);
  }
  if (request.wait || !control_->waits(line.client)) return;
  control_->answer(line.client,
                   done_json(is_reload ? "generation " + std::to_string(number) + " is tried"
                                       : "the new master starts"),
                   now());
}

void Supervisor::retire(const ControlRequest& request, const ControlServer::Line& line) {
  const auto answer = [&](const std::string& json) { control_->answer(line.client, json, now()); };
  if (target_.mode != Mode::Run) return answer(failed_json(kStopping));
  const auto worker = std::ranges::find(workers_, request.slot, &WorkerProcess::slot);
  if (worker == workers_.end()) return answer(failed_json("there is no worker in that slot"));
  if (worker->state() != WorkerState::Serving)
    return answer(failed_json(worker->name() + " does not serve; only one that does is replaced"));
  log::info("`tollgate ctl retire` of {}: {} is to be replaced", line.who, worker->name());
  worker->on_retire(Reason::Manual);
  if (request.wait)
    waiters_.push_back({.client = line.client, .task = Task::Retire, .pid = worker->pid()});
  else
    answer(done_json(worker->name() + " is being replaced"));
}

void Supervisor::conclude(Task task, const std::string& failure, uint32_t generation) {
  if (task == Task::Reload) last_reload_ = {.generation = generation, .failure = failure};
  tell_waiting(task, failure, generation);
}

void Supervisor::tell_waiting(Task task, const std::string& failure, uint32_t generation) {
  std::erase_if(waiters_, [&](const Waiter& waiter) {
    const bool meant =
        failure.empty() ? waiter.generation <= generation : waiter.generation == generation;
    if (waiter.task != task || !meant) return false;
    control_->answer(
        waiter.client,
        failure.empty() ? done_json(describe(task, generation, waiter.pid)) : failed_json(failure),
        now());
    return true;
  });
}

shm::ServerState Supervisor::state() const {
  return state_of({.mode = target_.mode,
                   .was_ready = was_ready_,
                   .upgrading = predecessor_ != nullptr || upgrade_.successor.has_value(),
                   .reloading = is_reloading(),
                   .crash_loop = respawn_.degraded(now()),
                   .wanted = target_.workers,
                   .serving = serving()});
}

ServerReport Supervisor::server_report() const {
  const bool reloading = is_reloading();
  ServerReport report{.state = state(),
                      .pid = getpid(),
                      .wanted = target_.workers,
                      .serving = serving(),
                      .generation = target_.generation,
                      .candidate = target_.candidate,
                      .keys = to_string(keys_.phase()),
                      .key_rotations = keys_.count(),
                      .uptime = std::chrono::duration_cast<milliseconds>(now() - started_),
                      .reload_generation = reloading ? newest_generation_ : last_reload_.generation,
                      .reload_failure = last_reload_.failure,
                      .totals = {.requests = durable_.get(shm::Count::Requests),
                                 .accepted = durable_.get(shm::Count::Accepted),
                                 .shed = durable_.get(shm::Count::Shed),
                                 .timeouts = durable_.get(shm::Count::Timeouts)}};
  for (std::size_t i = 0; i < shm::kTallies; ++i)
    report.totals.tallies[i] = durable_.get(static_cast<shm::Tally>(i));
  if (reloading)
    report.reload = "running";
  else if (last_reload_.generation != 0)
    report.reload = last_reload_.failure.empty() ? "done" : "failed";
  for (const auto& listener : generations_.at(target_.generation).listeners)
    report.listeners.push_back(to_string(listener->address()));
  for (const WorkerProcess& worker : workers_) {
    const shm::Slot& slot = std::as_const(scoreboard_).slot(worker.slot());
    report.totals.add(slot, std::as_const(scoreboard_).tallies(worker.slot()));
    report.connections += slot.connections.load(std::memory_order_relaxed);
    report.in_flight += slot.in_flight.load(std::memory_order_relaxed);
  }
  return report;
}

std::vector<WorkerReport> Supervisor::worker_reports() const {
  std::vector<WorkerReport> reports;
  for (const WorkerProcess& worker : workers_) {
    const shm::Slot& slot = std::as_const(scoreboard_).slot(worker.slot());
    reports.push_back({.view = worker.view(slot),
                       .pid = worker.pid(),
                       .started = worker.started(),
                       .slot = &slot});
  }
  std::ranges::sort(reports, {}, [](const WorkerReport& report) { return report.view.slot; });
  return reports;
}

}  // namespace tollgate::master
