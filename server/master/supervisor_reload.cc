// A reload, from HUP to its end.
//
//   HUP -> read configuration, copy application -> candidate: one worker is tried
//     -> it is ready: promoted, the others are replaced one by one -> done
//     -> it fails, or is late: abandoned; the old generation never noticed
//
// No step waits: each returns to the loop, which comes back when something happened.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "server/config/changes.h"
#include "server/log/logging.h"
#include "server/master/supervisor.h"

namespace tollgate::master {
namespace {

void log_changes(const Config& before, const Config& after) {
  auto all = changes(before, after);
  // The master keeps no secret to compare with: each that is set would be a change.
  std::erase_if(all, [](const Change& change) {
    return find_option(change.name)->secrecy == Secrecy::Secret;
  });
  if (all.empty()) log::info("reload: no setting has changed");
  for (const Change& change : all) {
    if (change.applies == Applies::OnReload)
      log::info("reload: {}: \"{}\" becomes \"{}\"", change.name, change.before, change.after);
    else
      log::warning("reload: {}: \"{}\" becomes \"{}\" at the next restart only", change.name,
                   change.before, change.after);
  }
}

// The sockets stay, and the queues of those that were there already change their length.
void apply_backlog(const Config& before, const Generation& generation) {
  if (before.backlog == generation.config.backlog) return;
  for (const auto& listener : generation.listeners)
    if (const auto set = listener->set_backlog(generation.config.backlog); !set)
      log::warning("reload: {}", set.error().message);
}

bool contains(const os::Listeners& all, const std::shared_ptr<os::Listener>& one) {
  return std::ranges::find(all, one) != all.end();
}

void log_sockets(const os::Listeners& before, const os::Listeners& after) {
  for (const auto& listener : after)
    if (!contains(before, listener))
      log::info("reload: now listening on {}", to_string(listener->address()));
  for (const auto& listener : before)
    if (!contains(after, listener))
      log::info("reload: no longer listening on {}; what is queued there is served",
                to_string(listener->address()));
}

}  // namespace

void Supervisor::reload() {
  // The number that it would have.
  const uint32_t number = newest_generation_ + 1;
  const std::string_view against = target_.mode != Mode::Run ? "the server is stopping"
                                   : upgrade_.successor      ? "an upgrade is under way"
                                                             : "";
  if (!against.empty()) {
    log::warning("reload: refused, {}", against);
    return tell_waiting(Task::Reload, std::string(against), number);
  }
  notify_.reloading(now());
  if (const auto tried = try_new_generation(); !tried) {
    log::error("reload: nothing was changed: {}", tried.error().message);
    conclude(Task::Reload, "nothing was changed: " + tried.error().message, number);
    say_ready_again();
  }
}

Status Supervisor::try_new_generation() {
  TOLLGATE_TRY(config, wiring_.read_config());
  log_changes(generations_.at(target_.generation).config, config);
  Generation candidate{.number = newest_generation_ + 1, .config = std::move(config)};
  TOLLGATE_CHECK(copy_application(candidate));
  TOLLGATE_TRY(keys, open_files(candidate));
  // Before the canary: an address that cannot be had refuses the whole.
  TOLLGATE_TRY(listeners, os::open_listeners(candidate.config, all_listeners(), os::Adopt::No));
  candidate.listeners = std::move(listeners);
  if (candidate.has_keys) TOLLGATE_CHECK(want_keys(std::move(keys), candidate.number));
  if (target_.candidate) {
    log::info("reload: generation {} is overtaken before it was ready", *target_.candidate);
    tell_waiting(Task::Reload, "it was overtaken by another reload", *target_.candidate);
    keys_.abandoned(*target_.candidate);
  }

  const uint32_t number = ++newest_generation_;
  generations_.emplace(number, std::move(candidate));
  target_.candidate = number;
  log::info("reload: trying generation {} with one worker", number);
  return {};
}

os::Listeners Supervisor::all_listeners() const {
  os::Listeners all;
  for (const auto& [number, generation] : generations_)
    all.insert(all.end(), generation.listeners.begin(), generation.listeners.end());
  return all;
}

void Supervisor::promote_candidate() {
  Generation& replaced = generations_.at(target_.generation);
  const Config& before = replaced.config;
  target_.generation = *target_.candidate;
  target_.candidate.reset();
  keys_.promoted(target_.generation);
  const Config& now_valid = generations_.at(target_.generation).config;
  // What TTIN and TTOU made of the count stays, unless the setting was changed;
  // a server that WINCH emptied is filled again.
  if (now_valid.workers != before.workers || target_.workers == 0)
    target_.workers = worker_count(now_valid);
  apply_backlog(before, generations_.at(target_.generation));
  log_sockets(replaced.listeners, generations_.at(target_.generation).listeners);
  // A socket that is no longer wanted lives on in the old workers alone: the last of
  // them takes what is queued when it drains.
  replaced.listeners.clear();
  if (wiring_.on_promoted) wiring_.on_promoted(now_valid);
  respawn_.forgive();
  lift_quarantine();
  rolling_ = true;
  last_reload_ = {.generation = target_.generation};
  durable_.add(shm::Count::Reloads);
  log::info("reload: generation {} serves; the others are replaced one by one", target_.generation);
}

void Supervisor::abandon_candidate(const std::string& why) {
  log::error("reload: generation {} is abandoned, generation {} goes on: {}", *target_.candidate,
             target_.generation, why);
  const uint32_t number = *target_.candidate;
  target_.candidate.reset();
  keys_.abandoned(number);
  key_files_.read.clear();  // its keys may have stood in the place of those of a changed file
  conclude(Task::Reload,
           "generation " + std::to_string(number) + " is abandoned, generation " +
               std::to_string(target_.generation) + " goes on: " + why,
           number);
  say_ready_again();
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
  conclude(Task::Reload, "", target_.generation);
  if (!target_.candidate) say_ready_again();
}

}  // namespace tollgate::master
