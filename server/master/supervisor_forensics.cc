// What a worker that died of a signal left behind: logged, and its route judged.
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "server/log/logging.h"
#include "server/master/post_mortem.h"
#include "server/master/supervisor.h"

namespace tollgate::master {
namespace {

// "GET /notes/{id:int}"; a HEAD is a GET's.
std::string route_name(const shm::InFlightEntry& entry) {
  const std::string_view method = entry.method.text();
  return std::string(method == "HEAD" ? "GET" : method) + " " + std::string(entry.pattern.text());
}

}  // namespace

// Before the slot is released. A sanitizer makes an exit code of a signal that was noted.
void Supervisor::examine_remains(const WorkerProcess& worker, const Exit& exit) {
  // A copy: the other workers have the same mapping, and might change what was checked.
  const shm::Remains remains = scoreboard_.remains(worker.slot());
  if (exit.signal == 0 && remains.note.signal == 0) return;
  const bool told = worker.state() >= WorkerState::Draining;
  const Death death{
      .worker = worker.name(),
      .pid = worker.pid(),
      .exit = exit,
      .wanted = told && worker.retirement().reason != Reason::Hung,
      .master = getpid(),
      .in_flight = scoreboard_.slot(worker.slot()).in_flight.load(std::memory_order_relaxed),
      .application = wiring_.application,
      .now = now()};
  const Generation& generation = generations_.at(worker.generation());
  log_death(death, remains);
  if (const Status written = log_lost_requests(generation.config, generation.logs.access, death,
                                               remains, clock_.wall());
      !written)
    log::error("accesslog: lines of lost requests are lost: {}", written.error().message);
  const shm::InFlightEntry* const guilty = find_guilty(death, remains);
  if (guilty != nullptr && guilty->route != 0 && worker.generation() == target_.generation)
    blame(*guilty);
}

void Supervisor::log_death(const Death& death, const shm::Remains& remains) {
  const PostMortem found = examine(death, remains);
  if (!found.cause.empty()) log::critical("{}", found.cause);
  if (found.backtrace.empty() && found.lost.empty()) return;
  if (!post_mortems_.take(now()))
    return log::error("{}: no more of it, there were {} such reports within a minute", death.worker,
                      PostMortemBudget::kEachMinute);
  for (const std::string& line : found.backtrace) log::error("{}: {}", death.worker, line);
  for (const std::string& line : found.lost) log::error("{}: {}", death.worker, line);
}

// By the settings of the generation that serves.
void Supervisor::blame(const shm::InFlightEntry& guilty) {
  const Config& config = generations_.at(target_.generation).config;
  const Quarantine::Rules rules{.crashes = config.quarantine_crashes,
                                .window = config.quarantine_window,
                                .time = config.quarantine_time};
  if (!quarantine_.died(guilty.route, route_name(guilty), rules, now())) return;
  scoreboard_.quarantine().publish(quarantine_.rows());
  log::critical(
      "route {} is quarantined: its requests crashed {} workers within {} s; for {} s it is "
      "answered 503 (a reload with new code ends that, quarantine_crashes = 0 forbids it)",
      quarantine_.rows().back().name, rules.crashes,
      std::chrono::ceil<std::chrono::seconds>(rules.window).count(),
      std::chrono::ceil<std::chrono::seconds>(rules.time).count());
}

void Supervisor::end_quarantines() {
  const auto ended = quarantine_.end_those_due(now());
  if (ended.empty()) return;
  scoreboard_.quarantine().publish(quarantine_.rows());
  for (const Quarantine::Row& row : ended)
    log::warning("route {} is no longer quarantined: it has served its time", row.name);
}

// What a new generation's code does is not known yet.
void Supervisor::lift_quarantine() {
  for (const Quarantine::Row& row : quarantine_.rows())
    log::warning("route {} is no longer quarantined: another generation serves", row.name);
  quarantine_.clear();
  scoreboard_.quarantine().publish(quarantine_.rows());
}

}  // namespace tollgate::master
