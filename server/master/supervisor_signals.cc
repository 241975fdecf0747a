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
      return stop(signal);
    case SIGQUIT:
      return quit(signal);
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

void Supervisor::stop(const os::Signal& signal) {
  if (target_.mode != Mode::Run) return quit(signal);
  log::info("{}: no new connections, and the workers drain", describe(signal));
  target_.mode = Mode::Stop;
  target_.candidate.reset();
  notify_.stopping();
}

void Supervisor::quit(const os::Signal& signal) {
  if (target_.mode == Mode::Quit) return;
  log::warning("{}: ends at once, with requests under way", describe(signal));
  if (target_.mode == Mode::Run) notify_.stopping();
  target_.mode = Mode::Quit;
  target_.candidate.reset();
}

void Supervisor::resize(int workers, std::string_view why) {
  if (target_.mode != Mode::Run) return;
  if (workers == target_.workers)
    return log::info("{}: there are {} workers, and it stays so", why, workers);
  log::info("{}: {} workers instead of {}", why, workers, target_.workers);
  target_.workers = workers;
  notify_.status(status());
}

void Supervisor::reopen_logs() {
  log::reopen();
  for (WorkerProcess& worker : workers_) worker.send(os::Order::Reopen);
  log::info("log files reopened");
}

}  // namespace tollgate::master
