// The upgrade of the binary (USR2): what the old master does at each step of
// upgrade.h, and below it what the new one does.
//
// It is safe against the death of either at any point: the old one gives up
// what it owns before it says so, and stays whole until the new one says that
// it has it; to the new one, the old one's death is the same as its word.
// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "server/base/exit_code.h"
#include "server/log/logging.h"
#include "server/master/supervisor.h"

namespace tollgate::master {
namespace {

// What a new master may need beside its workers' boot_timeout, and for its word.
constexpr milliseconds kMargin = 5s;

milliseconds limit_of(UpgradeState state, const Config& config) {
  switch (state) {
    case UpgradeState::Starting:
      return config.boot_timeout + kMargin;
    case UpgradeState::Probation:
      return config.upgrade_probation;
    case UpgradeState::HandingOver:
      return kMargin;
    default:  // Leaving: it drains
      return config.shutdown_delay + config.graceful_timeout + 2 * kGrace;
  }
}

std::string second_pidfile(const std::string& pidfile) { return pidfile + ".2"; }

}  // namespace

std::string_view Supervisor::why_no_upgrade() const {
  if (getpid() == 1)
    return "this is process 1, whose end ends its container: start another container instead";
  if (target_.mode != Mode::Run) return "the server is stopping";
  if (predecessor_ != nullptr || upgrade_.state != UpgradeState::None)
    return "another upgrade is under way";
  if (target_.candidate) return "a reload is being tried";
  return {};
}

Status Supervisor::upgrade() {
  if (const auto refusal = why_no_upgrade(); !refusal.empty()) {
    log::warning("upgrade: refused, {}", refusal);
    return fail(Errc::Conflict, std::string(refusal));
  }
  // What the new master will read is known to the workers of this one before its own sign with it.
  read_key_files();
  mind_keys();
  const Estate estate{.listeners = generations_.at(target_.generation).listeners,
                      .durable = durable_.fd(),
                      .pidfile = pidfile_};
  auto started = Successor::start(wiring_.relaunch, estate, [this] { signals_->leave(); });
  if (!started) {
    log::error("upgrade: nothing was started: {}", started.error().message);
    return fail(std::move(started).error());
  }
  upgrade_.successor.emplace(*std::move(started));
  log::info("upgrade: started {} from {}", upgrade_.successor->name(),
            os::path_of(wiring_.relaunch.program));
  step_upgrade(UpgradeEvent::Begin);
  return {};
}

void Supervisor::call_off_upgrade() {
  if (!next(upgrade_.state, UpgradeEvent::CallOff))
    return log::warning("reload: refused, an upgrade is being concluded");
  step_upgrade(UpgradeEvent::CallOff);
}

void Supervisor::mind_upgrade() {
  if (predecessor_ != nullptr) mind_predecessor();
  if (std::exchange(upgrade_.told, target_.mode) != target_.mode)
    step_upgrade(notify_.is_heard() ? UpgradeEvent::StopBoth : UpgradeEvent::Stop);
  if (!upgrade_.successor) return;
  // Its last packets are read after its end is known: nothing can come behind them.
  const auto exit = upgrade_.successor->reap();
  while (const auto packet = upgrade_.successor->receive()) hear(*packet, exit.has_value());
  if (exit && upgrade_.state == UpgradeState::HandedOver) return upgrade_.successor.reset();
  if (exit) {
    upgrade_.why = upgrade_.successor->name() + " " + to_string(*exit) +
                   (upgrade_.why.empty() ? "" : ": " + upgrade_.why);
    return step_upgrade(UpgradeEvent::Gone);
  }
  if (upgrade_.successor->channel_fd() < 0) step_upgrade(UpgradeEvent::HungUp);
  if (now() >= upgrade_.deadline) step_upgrade(UpgradeEvent::Late);
}

void Supervisor::hear(const os::Packet& packet, bool dead) {
  if (packet.word == os::Word::Ready || packet.word == os::Word::Took) {
    upgrade_.takes_signals = true;
    forward_reopen();
  }
  switch (packet.word) {
    case os::Word::Ready:
      return step_upgrade(UpgradeEvent::Ready);
    case os::Word::Failed:
      if (upgrade_.why.empty()) upgrade_.why = packet.text;
      return step_upgrade(UpgradeEvent::Failed);
    case os::Word::Took:
      // What a dead one took is nobody's.
      if (!dead) step_upgrade(UpgradeEvent::Taken);
      return;
    default:
      return;
  }
}

void Supervisor::step_upgrade(UpgradeEvent event) {
  const auto step = next(upgrade_.state, event);
  if (!step) return;
  const Config& config = generations_.at(target_.generation).config;
  upgrade_.state = step->to;
  upgrade_.deadline = now() + limit_of(step->to, config);
  const Successor& successor = *upgrade_.successor;
  switch (step->action) {
    case UpgradeAction::Await:
      return notify_.status("Upgrading: " + successor.name() + " starts");
    case UpgradeAction::StepAside:
      log::info("upgrade: {} is ready; this one stands by for {} ms", successor.name(),
                config.upgrade_probation.count());
      upgrade_.set_aside = std::exchange(target_.workers, 0);
      return;
    case UpgradeAction::HandOver:
      return hand_over();
    case UpgradeAction::Leave:
      target_.mode = Mode::Stop;
      upgrade_.deadline = SteadyTime::max();
      // From here on systemd does not listen to this one: the new one has everything. It speaks
      // when it finds the channel closed, so that systemd knows it by then.
      notify_.main_pid(successor.pid());
      notify_ = os::Notifier("");
      upgrade_.successor->hang_up();
      return conclude_upgrade({});
    case UpgradeAction::SendAway:
      if (upgrade_.why.empty()) upgrade_.why = why_sent_away(event);
      send_away(SIGTERM);
      [[fallthrough]];
    case UpgradeAction::TakeBack:
      log::error("upgrade: {} is given up, this one goes on: {}", successor.name(), upgrade_.why);
      return serve_again();
    case UpgradeAction::Forward:
      if (upgrade_.why.empty()) upgrade_.why = "the whole service was told to stop";
      return send_away(target_.mode == Mode::Quit ? SIGQUIT : SIGTERM);
    case UpgradeAction::Kill:
      log::warning("upgrade: {} is killed: it did not answer or end in time", successor.name());
      return successor.signal(SIGKILL);
    case UpgradeAction::Settle:
      return settle_upgrade();
  }
}

std::string Supervisor::why_sent_away(UpgradeEvent event) const {
  if (event == UpgradeEvent::CallOff) return "it was called off by SIGHUP";
  if (event == UpgradeEvent::Late) return "it was not ready in time";
  return "it has closed its channel";
}

// A second TERM would cut short what the first one began.
void Supervisor::send_away(int number) {
  if (number == SIGTERM && std::exchange(upgrade_.termed, true)) return;
  upgrade_.successor->signal(number);
}

// Before it can take the signal it would die of it.
void Supervisor::forward_reopen() {
  if (upgrade_.takes_signals && std::exchange(upgrade_.owes_reopen, false))
    upgrade_.successor->signal(SIGUSR1);
}

void Supervisor::hand_over() {
  log::info("upgrade: hands over to {}", upgrade_.successor->name());
  for (const auto& listener : all_listeners()) listener->disown_path();
  upgrade_.gave_up = true;
  upgrade_.successor->tell_yours();
}

void Supervisor::serve_again() {
  if (!upgrade_.set_aside) return;
  target_.workers = *std::exchange(upgrade_.set_aside, {});
  respawn_.forgive();
}

void Supervisor::settle_upgrade() {
  serve_again();
  if (!pidfile_.empty()) os::remove_pid_file(second_pidfile(pidfile_), upgrade_.successor->pid());
  if (upgrade_.gave_up) {
    for (const auto& listener : all_listeners()) listener->own_path();
    open_control();  // its path may have been taken
    pid_file_.reset();
    if (const Status own = own_pid_file(pidfile_); !own) log::error("{}", own.error().message);
  }
  const std::string why = std::move(upgrade_.why);
  upgrade_ = {.told = upgrade_.told};
  say_ready_again();
  conclude_upgrade(why);
}

void Supervisor::conclude_upgrade(const std::string& failure) {
  if (failure.empty())
    log::info("upgrade: done, {} has taken over; this one ends", upgrade_.successor->name());
  else
    log::error("upgrade: failed: {}", failure);
  conclude(Task::Upgrade, failure);
}

Status Supervisor::own_pid_file(const std::string& path) {
  if (path.empty()) return {};
  TOLLGATE_TRY(pid_file, os::PidFile::create(path));
  pid_file_.emplace(std::move(pid_file));
  return {};
}

Status Supervisor::start_pid_file() {
  return own_pid_file(predecessor_ == nullptr || pidfile_.empty() ? pidfile_
                                                                  : second_pidfile(pidfile_));
}

// The new master's side.
void Supervisor::mind_predecessor() {
  const auto state = predecessor_->look();
  if (took_over_) {
    if (state == Predecessor::State::Gone) begin_to_speak();
    return;
  }
  // One that was told to end does not take over, unless there is nobody else to clean up.
  if (state == Predecessor::State::Gone ||
      (state == Predecessor::State::GaveUp && target_.mode == Mode::Run))
    return take_over(state);
  if (target_.mode != Mode::Run)
    predecessor_->tell_failed(exit_code_ == 0 ? "it was told to stop"
                                              : "no worker ever became ready");
  // That its process lives is not enough to be trusted.
  if (target_.mode == Mode::Run && was_ready_ && respawn_.degraded(now())) {
    predecessor_->tell_failed("its workers die one after the other");
    exit_code_ = kExitWorkerBoot;
    target_.mode = Mode::Stop;
  }
}

void Supervisor::take_over(Predecessor::State state) {
  if (pid_file_) {
    if (const Status moved = pid_file_->move_to(pidfile_); !moved)
      log::error("{}", moved.error().message);
  }
  for (const auto& listener : all_listeners()) listener->own_path();
  // While the old one still has its own, so that there is one at every moment.
  open_control(predecessor_->pid());
  durable_.add(shm::Count::Upgrades);
  Predecessor& old = *predecessor_;
  old.succeed(pidfile_);
  took_over_ = true;
  log::info("upgrade: this master takes over, the old one (pid {}) {}; {} requests so far",
            old.pid(), state == Predecessor::State::Gone ? "is gone" : "steps down",
            durable_.get(shm::Count::Requests));
  if (state == Predecessor::State::Gone) begin_to_speak();
}

// To systemd, which has been told by the old master who its main process is now.
void Supervisor::begin_to_speak() {
  predecessor_ = nullptr;
  notify_ = os::Notifier::from_environment();
  say_ready_again();
  told_.reset();
  // WATCHDOG_PID names the old one.
  watchdog_ = os::watchdog_interval(std::getenv("WATCHDOG_USEC"), nullptr, getpid());
}

}  // namespace tollgate::master
