// What each signal to the master does, in the manual's order.
// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <algorithm>

#include "server/log/logging.h"
#include "server/master/supervisor.h"

namespace tollgate::master {
namespace {

// "SIGTERM from process 4711": who stopped the server is the first question of every post-mortem.
std::string describe(const os::Signal& signal) {
  if (signal.from_process)
    return os::signal_name(signal.number) + " from process " + std::to_string(signal.sender);
  return os::signal_name(signal.number) + " from the terminal or the kernel";
}

}  // namespace

void Supervisor::on_signal(const os::Signal& signal) {
  switch (signal.number) {
    case SIGTERM:
    case SIGINT:
      return stop(describe(signal));
    case SIGQUIT:
      return quit(describe(signal));
    case SIGHUP:
      log::info("{}", describe(signal));
      // The way back must not depend on a configuration that was made for the new one.
      if (upgrade_.successor) return call_off_upgrade();
      return reload();
    case SIGTTIN:
      return resize(std::min(target_.workers + 1, kMaxWorkers), "SIGTTIN");
    case SIGTTOU:
      // Without workers (WINCH) it is already as low as it gets.
      return resize(std::max(target_.workers - 1, std::min(target_.workers, 1)), "SIGTTOU");
    case SIGUSR1:
      return reopen_logs();
    case SIGUSR2:
      log::info("{}", describe(signal));
      static_cast<void>(upgrade());  // which has logged why not
      return;
    case SIGWINCH:
      // A terminal that is resized says so to everyone in it.
      if (signal.from_process) resize(0, "SIGWINCH");
      return;
    case SIGCHLD:  // woke us, to look at our children
    default:
      return;
  }
}

// Each further one shortens what the one before it began.
void Supervisor::stop(const std::string& who) {
  target_.candidate.reset();
  switch (target_.mode) {
    case Mode::Run: {
      const Generation& generation = generations_.at(target_.generation);
      const milliseconds delay = generation.config.shutdown_delay;
      notify_.stopping(delay + generation.limits().drain + 2 * kGrace);
      target_.mode = delay == 0ms ? Mode::Stop : Mode::Lame;
      target_.stop = now() + delay;
      if (target_.mode == Mode::Lame)
        return log::info("{}: no longer ready; serves on for {} (shutdown_delay)", who,
                         tollgate::to_string(delay));
      return log::info("{}: no new connections, and the workers drain", who);
    }
    case Mode::Lame:
      target_.mode = Mode::Stop;
      return log::info("{}: the workers drain at once", who);
    case Mode::Stop:
    case Mode::Quit:
      return quit(who);
  }
}

void Supervisor::quit(const std::string& who) {
  if (target_.mode == Mode::Quit) return;
  log::warning("{}: ends at once, with requests under way", who);
  if (target_.mode == Mode::Run) notify_.stopping(2 * kGrace);
  target_.mode = Mode::Quit;
  target_.candidate.reset();
}

void Supervisor::resize(int workers, std::string_view why) {
  if (target_.mode != Mode::Run) return;
  if (upgrade_.set_aside)
    return log::info("{}: refused, this master has stepped aside for an upgrade", why);
  if (workers == target_.workers)
    return log::info("{}: there are {} workers, and it stays so", why, workers);
  log::info("{}: {} workers instead of {}", why, workers, target_.workers);
  target_.workers = workers;
}

void Supervisor::reopen_logs() {
  if (const Status reopened = log::reopen(); !reopened)
    log::error("the error log stays where it was: {}", reopened.error().message);
  for (auto& [number, generation] : generations_) {
    auto logs = log::open_log_files(generation.config);
    if (!logs) {
      log::error("the workers' logs stay where they were: {}", logs.error().message);
      continue;
    }
    generation.logs = *std::move(logs);
    for (WorkerProcess& worker : workers_)
      if (worker.generation() == number)
        worker.send(os::Order::Reopen, generation.logs.descriptors());
  }
  log::info("log files reopened");
  upgrade_.owes_reopen = upgrade_.successor.has_value();
  forward_reopen();
}

}  // namespace tollgate::master
