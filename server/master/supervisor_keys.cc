// Other keys, from the file that has changed, or the reload that names them, to all workers.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "server/log/logging.h"
#include "server/master/supervisor.h"

namespace tollgate::master {
namespace {

constexpr milliseconds kLookEvery = 1s;

}  // namespace

// Errors: keys that cannot be used together with those of now. `generation`: see KeyRotation.
Status Supervisor::want_keys(UniqueFd keys, std::optional<uint32_t> generation) {
  if (!wiring_.join_keys) return {};
  TOLLGATE_TRY(both, wiring_.join_keys(keys_.ring(), keys));
  if (!both.valid() && keys_.phase() == KeyPhase::Steady) return {};  // the same
  keys_.want(std::move(keys), generation);
  return {};
}

std::vector<std::string> Supervisor::key_files_of(const Config& config) const {
  return wiring_.key_files ? wiring_.key_files(config) : std::vector<std::string>();
}

// A file that has changed is read when it has kept still for one look: who writes it may not be
// done. Two masters would take it at two moments, and one's tokens would be strange to the other's
// workers: it waits until there is one.
void Supervisor::look_at_key_files() {
  if (now() < key_files_.next_look) return;
  key_files_.next_look = now() + kLookEvery;
  if (target_.mode != Mode::Run || predecessor_ != nullptr || upgrade_.successor) return;
  auto stamps = os::file_stamps(generations_.at(target_.generation).key_files);
  const bool keeps_still = stamps == key_files_.seen;
  key_files_.seen = std::move(stamps);
  if (!keeps_still || key_files_.seen == key_files_.read) return;
  key_files_.read = key_files_.seen;
  read_key_files();
}

void Supervisor::read_key_files() {
  const Generation& generation = generations_.at(target_.generation);
  if (!wiring_.take_keys || generation.key_files.empty()) return;
  Config config = generation.config;
  auto keys = wiring_.take_keys(config);
  Status wanted = keys ? Status() : Status(fail(keys.error()));
  if (keys && keys->valid()) wanted = want_keys(*std::move(keys));
  if (!wanted) log::error("the keys stay as they were: {}", wanted.error().message);
}

void Supervisor::mind_keys() {
  look_at_key_files();
  const KeyPhase before = keys_.phase();
  const auto moved =
      keys_.step(std::ranges::all_of(workers_, &WorkerProcess::has_keys_sent), wiring_.join_keys);
  if (before == KeyPhase::Switching && keys_.phase() != before)
    log::info("keys: all workers use the same ones");
  if (!moved) return log::error("the keys stay as they were: {}", moved.error().message);
  if (!*moved) return;
  log::info("{}", keys_.phase() == KeyPhase::Verifying
                      ? "keys: all workers are told to verify with the new ones, too"
                      : "keys: all workers verify with them; now they are told to sign so");
  if (!keys_.ring().valid()) return;  // the first that there were are given up: nobody else has any
  for (WorkerProcess& worker : workers_)
    if (generations_.at(worker.generation()).has_keys) worker.send_keys(keys_.ring().get());
}

}  // namespace tollgate::master
