// The workers' beginnings, reports and ends.
// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "server/base/exit_code.h"
#include "server/base/text.h"
#include "server/base/version.h"
#include "server/log/logging.h"
#include "server/master/supervisor.h"

namespace tollgate::master {
namespace {

std::string to_url(const Address& address) {
  const bool unix_socket = address.kind == Address::Kind::Unix;
  return (unix_socket ? "" : "http://") + to_string(address);
}

std::string count_of_workers(int count) {
  return std::to_string(count) + (count == 1 ? " worker" : " workers");
}

}  // namespace

void Supervisor::spawn(const Action& action) {
  const Generation& generation = generations_.at(action.generation);
  static const UniqueFd kNone;
  auto worker = spawner_.spawn(
      action.slot, generation, generation.has_keys ? keys_.ring() : kNone,
      [this, own = generation.number] { leave_in_child(own); }, now());
  if (worker) {
    log::debug("{} starts", worker->name());
    workers_.push_back(*std::move(worker));
    return;
  }
  log::error("{}", worker.error().message);
  if (action.generation == target_.candidate)
    abandon_candidate(worker.error().message);
  else
    judge_death(std::nullopt);
}

// Everything of the master's that a fork copied, by way of its owners: siblings' pidfds and
// lifelines (a sibling would outlive the master by the copy), other generations, signalfd.
void Supervisor::leave_in_child(uint32_t own_generation) {
  workers_.clear();
  control_.reset();
  std::erase_if(generations_,
                [own_generation](const auto& entry) { return entry.first != own_generation; });
  upgrade_.successor.reset();
  if (predecessor_ != nullptr) predecessor_->leave();
  durable_.close_descriptor();
  signals_->leave({SIGTERM});
}

void Supervisor::read_reports(WorkerProcess& worker) {
  while (const auto report = worker.take_report()) {
    switch (report->kind) {
      case os::Report::Kind::Ready:
        worker.on_ready(now());
        respawn_.ready();
        log::info("{} is ready", worker.name());
        if (worker.generation() == target_.candidate) promote_candidate();
        break;
      case os::Report::Kind::Failed:
        last_words_[worker.slot()] = report->text;
        if (predecessor_ != nullptr) predecessor_->note(report->text);
        log::error("{} cannot start: {}", worker.name(), report->text);
        break;
      case os::Report::Kind::Keys:
        worker.on_keys_taken();
        break;
      case os::Report::Kind::Retire:
        log::info("{} asks for a replacement ({})", worker.name(), report->text);
        worker.on_retire(to_reason(report->text));
        break;
    }
  }
}

void Supervisor::on_exit(const WorkerProcess& worker, const Exit& exit) {
  examine_remains(worker, exit);
  // From here on admission no longer counts its connections.
  count_end(worker);
  scoreboard_.release(worker.slot());
  if (worker.state() >= WorkerState::Draining) {
    const Reason reason = worker.retirement().reason;
    const std::string end = worker.name() + " " + to_string(exit);
    if (worker.state() == WorkerState::Draining && exit.code != kExitOk)
      log::error("{} while it drained ({})", end, to_string(reason));
    else
      log::info("{} ({})", end, to_string(reason));
    // A worker that had to be aborted has failed like one that crashed.
    if (!is_ending() && worker.generation() == target_.generation &&
        (reason == Reason::Hung || reason == Reason::BootTimeout))
      judge_death(std::nullopt);
  } else if (!is_ending()) {
    on_unasked_death(worker, exit);
  } else {
    log::info("{} {}", worker.name(), to_string(exit));
  }
  last_words_.erase(worker.slot());
}

void Supervisor::on_unasked_death(const WorkerProcess& worker, const Exit& exit) {
  const bool not_ours = exit.signal == SIGKILL;
  durable_.add(shm::Count::Crashes);
  log::error("{} {}{}", worker.name(), to_string(exit),
             not_ours ? "; not by tollgate: out of memory? `dmesg` tells" : "");
  if (worker.generation() == target_.candidate) {
    const auto words = last_words_.find(worker.slot());
    const std::string why = words == last_words_.end() ? "" : ": " + words->second;
    return abandon_candidate(worker.name() + " " + to_string(exit) + why);
  }
  if (worker.generation() == target_.generation) judge_death(exit.code);
}

void Supervisor::judge_death(std::optional<int> exit_code) {
  if (const auto code = respawn_.died(exit_code, target_.workers, now())) {
    log::critical("no worker ever became ready; the server ends with code {}", *code);
    exit_code_ = *code;
    target_.mode = Mode::Quit;
    target_.candidate.reset();
    return;
  }
  if (!respawn_.degraded(now())) return;
  const auto wait = std::chrono::duration_cast<milliseconds>(respawn_.not_before() - now());
  log::warning("degraded: workers die one after the other; the next starts in {} ms", wait.count());
}

void Supervisor::count_end(const WorkerProcess& worker) {
  durable_.fold(scoreboard_.slot(worker.slot()), scoreboard_.tallies(worker.slot()));
  const Reason reason = worker.retirement().reason;
  const bool asked = worker.state() >= WorkerState::Draining &&
                     (reason == Reason::ScaleDown || reason == Reason::Reload);
  if (!is_ending() && !asked) durable_.add(shm::Count::Restarts);
}

// Process 1 inherits the orphans of its container. Looks before it reaps, since
// a worker's end belongs to its pidfd.
void Supervisor::reap_strangers() {
  for (;;) {
    siginfo_t info{};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    if (std::ranges::find(workers_, info.si_pid, &WorkerProcess::pid) != workers_.end()) return;
    waitpid(info.si_pid, nullptr, WNOHANG);
    log::debug("reaped process {}, which is none of ours", info.si_pid);
  }
}

void Supervisor::announce_readiness() {
  if (was_ready_ || target_.mode != Mode::Run || target_.workers == 0) return;
  if (serving() < target_.workers) return;
  was_ready_ = true;
  std::vector<std::string> urls;
  for (const auto& listener : generations_.at(target_.generation).listeners)
    urls.push_back(to_url(listener->address()));
  const std::string line = "tollgate " + std::string(version()) + " (pid " +
                           std::to_string(getpid()) + ") is ready: listening on " +
                           join(urls, ", ") + "; " + count_of_workers(target_.workers);
  log::info("{}", line);
  if (predecessor_ != nullptr) predecessor_->tell_ready();
  if (wiring_.on_ready) wiring_.on_ready(line);
}

std::string Supervisor::status() const {
  return count_of_workers(target_.workers) + ", generation " + std::to_string(target_.generation) +
         (respawn_.degraded(now()) ? "; degraded: workers die one after the other" : "") +
         (!last_reload_.failure.empty() ? "; the last reload failed" : "");
}

}  // namespace tollgate::master
