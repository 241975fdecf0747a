// SPDX-License-Identifier: Apache-2.0
#include "server/master/worker_process.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "server/base/exit_code.h"
#include "server/log/logging.h"
#include "server/os/signals.h"

namespace tollgate::master {

std::string to_string(const Exit& exit) {
  if (!exit.code && exit.signal == 0) return "is gone; somebody else has reaped it";
  if (!exit.code)
    return "was killed by " + os::signal_name(exit.signal) +
           (exit.core_dumped ? " (core dumped)" : "");
  std::string text = "ended with code " + std::to_string(*exit.code);
  switch (*exit.code) {
    case kExitWorkerBoot:
      return text + " (it could not start)";
    case kExitApplication:
      return text + " (the application could not be loaded)";
    case kExitConfiguration:
      return text + " (a wrong configuration)";
    default:
      return text;
  }
}

WorkerProcess::WorkerProcess(int slot, uint32_t generation, const Limits& limits, pid_t pid,
                             UniqueFd pidfd, os::Lifeline lifeline, SteadyTime now)
    : view_{.slot = slot,
            .state = WorkerState::Starting,
            .generation = generation,
            .since = now,
            .beat = now,
            .limits = limits},
      pid_(pid),
      started_(now),
      pidfd_(std::move(pidfd)),
      lifeline_(std::move(lifeline)) {}

std::string WorkerProcess::name() const {
  return "worker " + std::to_string(slot()) + " (pid " + std::to_string(pid_) + ", generation " +
         std::to_string(generation()) + ")";
}

WorkerView WorkerProcess::view(const shm::Slot& slot) const {
  WorkerView view = view_;
  view.beat = std::max(view.beat, shm::from_beat(slot.beat.load(std::memory_order_relaxed)));
  return view;
}

std::optional<os::Report> WorkerProcess::take_report() {
  if (!open_) return std::nullopt;
  auto received = lifeline_.receive_report();
  if (received.state == os::Received<os::Report>::State::Closed) open_ = false;
  return std::move(received.message);
}

void WorkerProcess::on_ready(SteadyTime now) {
  if (ready_) return;
  ready_ = true;
  view_.beat = std::max(view_.beat, now);
  if (view_.state == WorkerState::Starting) {
    view_.state = WorkerState::Serving;
    view_.since = now;
  } else if (view_.state == WorkerState::Draining) {
    // It became ready before it read the order, and may have taken a connection meanwhile.
    view_.retirement.drain_deadline = view_.since + view_.limits.drain;
    view_.retirement.kill_deadline = view_.retirement.drain_deadline + kGrace;
  }
}

void WorkerProcess::act(const Action& action, SteadyTime now) {
  view_.retirement = retirement_after(action, view_, now);
  view_.state = state_after(action.kind);
  view_.since = now;
  const std::string_view reason = to_string(action.reason);
  switch (action.kind) {
    case Action::Kind::Drain:
      log::info("{} drains ({})", name(), reason);
      return send(os::Order::Drain);
    case Action::Kind::Quit:
      log::info("{} ends at once ({})", name(), reason);
      return send(os::Order::Quit);
    case Action::Kind::Abort:
      log::error("{} is aborted ({}): {}", name(), reason,
                 action.reason == Reason::Hung ? "its loop gave no sign of life"
                                               : "it was not ready in time");
      return signal(SIGABRT);
    case Action::Kind::Kill:
      log::warning("{} is killed ({}): it did not end in time", name(), reason);
      return signal(SIGKILL);
    case Action::Kind::Spawn:
      return;  // is not for a worker that exists
  }
}

void WorkerProcess::send(os::Order order, std::span<const int> descriptors) {
  try_send(order, descriptors);
}

bool WorkerProcess::try_send(os::Order order, std::span<const int> descriptors) {
  if (!open_) return false;
  const auto sent = lifeline_.send(order, descriptors);
  if (!sent) log::warning("{}: an order was lost: {}", name(), sent.error().message);
  return sent.has_value();
}

void WorkerProcess::send_keys(int keys) {
  ++keys_owed_;
  if (!try_send(os::Order::Keys, {{keys}})) on_retire(Reason::Manual);
}

void WorkerProcess::signal(int number) {
  if (syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0) != 0 && errno != ESRCH)
    log::error("{}: {}", name(), from_errno("pidfd_send_signal", errno).message);
}

std::optional<Exit> reap(const UniqueFd& pidfd) {
  siginfo_t info{};
  const int done = waitid(P_PIDFD, static_cast<id_t>(pidfd.get()), &info, WEXITED | WNOHANG);
  if (done != 0) {
    if (errno != ECHILD) return std::nullopt;
    // To say that it is gone beats waiting for ever.
    return Exit{.code = std::nullopt, .signal = 0};
  }
  if (info.si_pid == 0) return std::nullopt;
  if (info.si_code == CLD_EXITED) return Exit{.code = info.si_status};
  return Exit{
      .code = std::nullopt, .signal = info.si_status, .core_dumped = info.si_code == CLD_DUMPED};
}

void WorkerProcess::forgive(SteadyTime::duration lost, SteadyTime now) {
  view_.since += lost;
  view_.beat = std::max(view_.beat, now);
  view_.retirement.drain_deadline += lost;
  view_.retirement.kill_deadline += lost;
}

}  // namespace tollgate::master
