// What systemd is told beside the steps of a reload and of the end: readiness, state, health.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "server/master/quorum.h"
#include "server/master/supervisor.h"

namespace tollgate::master {

int Supervisor::serving() const {
  return static_cast<int>(
      std::ranges::count(workers_, WorkerState::Serving, &WorkerProcess::state));
}

// A quorum is enough to start what waits for us: one slow worker must not hold up a boot.
void Supervisor::tell_systemd() {
  if (target_.mode != Mode::Run) return;
  feed_watchdog();
  const bool few = serving() < target_.workers;
  const std::string text = status() + (few ? "; " + std::to_string(serving()) + " serve" : "");
  if (!told_ready_ && target_.workers > 0 && serving() >= quorum(target_.workers)) {
    told_ready_ = notify_.ready(text);
  } else if (told_ != text) {
    notify_.status(text);
  }
  told_ = text;
}

// Says "well" only while the workers are: a master that pings by itself proves nothing about
// those who serve. While they are not, it looks again soon, since a recovery must be said in time.
void Supervisor::feed_watchdog() {
  if (!watchdog_ || now() < next_ping_) return;
  const milliseconds half = *watchdog_ / 2;
  const bool well = quorum_is_alive(views(), target_.workers, freshness(*watchdog_), now());
  if (well) notify_.watchdog();
  next_ping_ = now() + (well ? half : std::min(half, milliseconds(shm::kBeat)));
}

}  // namespace tollgate::master
