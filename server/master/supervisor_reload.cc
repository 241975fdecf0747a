// A reload, from HUP to its end.
//
//   HUP -> read configuration, copy application -> candidate: one worker is tried
//     -> it is ready: promoted, the others are replaced one by one -> done
//     -> it fails, or is late: abandoned; the old generation never noticed
//
// No step waits: each returns to the loop, which comes back when something happened.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "server/log/logging.h"
#include "server/master/supervisor.h"
#include "server/os/sealed_copy.h"

namespace tollgate::master {
void Supervisor::reload() {
  if (target_.mode != Mode::Run) return log::info("reload: refused, the server is stopping");
  notify_.reloading(now());
  if (const auto tried = try_new_generation(); !tried) {
    log::error("reload: nothing was changed: {}", tried.error().message);
    reload_failed_ = true;
    notify_.ready(status());
  }
}

Status Supervisor::try_new_generation() {
  TOLLGATE_TRY(config, wiring_.read_config());
  UniqueFd application;
  if (!wiring_.application.empty()) {
    TOLLGATE_TRY(copy, os::sealed_copy(wiring_.application));
    application = std::move(copy);
  }
  if (config.bind != bind_) log::warning("reload: a changed `bind` applies at the next restart");
  if (target_.candidate)
    log::info("reload: generation {} is overtaken before it was ready", *target_.candidate);

  const uint32_t number = ++newest_generation_;
  generations_.emplace(number, Generation{.number = number,
                                          .config = std::move(config),
                                          .application = std::move(application)});
  target_.candidate = number;
  log::info("reload: trying generation {} with one worker", number);
  return {};
}

void Supervisor::promote_candidate() {
  const Config& before = generations_.at(target_.generation).config;
  target_.generation = *target_.candidate;
  target_.candidate.reset();
  const Config& now_valid = generations_.at(target_.generation).config;
  // What TTIN and TTOU made of the count stays, unless the setting was changed;
  // a server that WINCH emptied is filled again.
  if (now_valid.workers != before.workers || target_.workers == 0)
    target_.workers = worker_count(now_valid);
  if (wiring_.on_promoted) wiring_.on_promoted(now_valid);
  respawn_.forgive();
  rolling_ = true;
  durable_.add(shm::Count::Reloads);
  reload_failed_ = false;
  log::info("reload: generation {} serves; the others are replaced one by one", target_.generation);
}

void Supervisor::abandon_candidate(const std::string& why) {
  log::error("reload: generation {} is abandoned, generation {} goes on: {}", *target_.candidate,
             target_.generation, why);
  target_.candidate.reset();
  reload_failed_ = true;
  notify_.ready(status());
}

void Supervisor::note_end_of_reload() {
  const auto in_use = [this](uint32_t number) {
    return number == target_.generation || number == target_.candidate ||
           std::ranges::find(workers_, number, &WorkerProcess::generation) != workers_.end();
  };
  std::erase_if(generations_, [&in_use](const auto& entry) { return !in_use(entry.first); });
  if (!rolling_ || target_.mode != Mode::Run) return;
  const bool others = std::ranges::any_of(
      workers_, [this](const auto& worker) { return worker.generation() < target_.generation; });
  if (others) return;
  rolling_ = false;
  log::info("reload: done, {}", status());
  if (!target_.candidate) notify_.ready(status());
}

}  // namespace tollgate::master
