// SPDX-License-Identifier: Apache-2.0
#include "server/master/plan.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace tollgate::master {
namespace {

using Kind = Action::Kind;

// In the order of the enumerators.
constexpr std::string_view kReasons[] = {"reload",
                                         "scale_down",
                                         "max_requests",
                                         "max_worker_lifetime",
                                         "max_worker_memory",
                                         "wedged",
                                         "hung",
                                         "boot_timeout",
                                         "shutdown",
                                         "manual"};
static_assert(std::size(kReasons) == static_cast<std::size_t>(Reason::Manual) + 1);

Action spawn(int slot, uint32_t generation) {
  return {.kind = Kind::Spawn, .slot = slot, .generation = generation};
}
Action ask(Kind kind, const WorkerView& worker, Reason reason) {
  return {.kind = kind, .slot = worker.slot, .reason = reason};
}

// What time alone will bring upon a worker.
struct Due {
  SteadyTime at;
  Action action;
};

std::optional<Due> silence(const WorkerView& worker) {
  if (worker.limits.silence == 0ms) return std::nullopt;
  return Due{worker.beat + worker.limits.silence, ask(Kind::Abort, worker, Reason::Hung)};
}

std::optional<Due> due(const WorkerView& worker) {
  const Due kill{worker.retirement.kill_deadline,
                 ask(Kind::Kill, worker, worker.retirement.reason)};
  switch (worker.state) {
    case WorkerState::Starting:
      if (worker.limits.boot == 0ms) return std::nullopt;
      return Due{worker.since + worker.limits.boot, ask(Kind::Abort, worker, Reason::BootTimeout)};
    case WorkerState::Serving:
      return silence(worker);
    case WorkerState::Draining: {
      // A loop that stands still does not drain, however long it may.
      const auto hung = silence(worker);
      return hung && hung->at < kill.at ? *hung : kill;
    }
    case WorkerState::Ending:
      return kill;
    case WorkerState::Killed:
      return std::nullopt;
  }
  return std::nullopt;
}

bool voluntary(Reason reason) {
  switch (reason) {
    case Reason::Reload:
    case Reason::MaxRequests:
    case Reason::MaxLifetime:
    case Reason::MaxMemory:
    case Reason::Wedged:
    case Reason::Manual:
      return true;
    default:
      return false;
  }
}

// The plan of a running server, step by step; each step sees what those before it decided.
class Run {
 public:
  Run(std::span<const WorkerView> all, std::vector<WorkerView> live, const Target& target,
      SteadyTime now, std::vector<Action>& actions)
      : all_(all), live_(std::move(live)), target_(target), now_(now), actions_(actions) {}

  void decide() {
    drop_useless_starters();
    drop_surplus_starters();
    retire_servers();
    start_canary();
    start_missing();
  }

 private:
  static bool starting(const WorkerView& w) { return w.state == WorkerState::Starting; }
  static bool serving(const WorkerView& w) { return w.state == WorkerState::Serving; }
  bool current(const WorkerView& w) const { return w.generation == target_.generation; }
  bool canary(const WorkerView& w) const { return w.generation == target_.candidate; }
  // Counts as one of `workers`, now and later.
  bool keeper(const WorkerView& w) const {
    return current(w) && (starting(w) || (serving(w) && !w.wants));
  }
  bool up(const WorkerView& w) const { return starting(w) || serving(w); }

  template <class Predicate>
  int count(Predicate predicate) const {
    return static_cast<int>(std::ranges::count_if(live_, predicate));
  }

  void drain(WorkerView& worker, Reason reason) {
    actions_.push_back(ask(Kind::Drain, worker, reason));
    worker.state = WorkerState::Draining;
    worker.retirement.reason = reason;
  }

  // Of a generation that was given up, or overtaken by another reload.
  void drop_useless_starters() {
    for (WorkerView& w : live_)
      if (starting(w) && !current(w) && !canary(w)) drain(w, Reason::Reload);
  }

  // A smaller count ends first those that serve nobody yet.
  void drop_surplus_starters() {
    int surplus = count([this](const auto& w) { return keeper(w); }) - target_.workers;
    std::ranges::sort(live_, std::greater{}, &WorkerView::slot);
    for (WorkerView& w : live_)
      if (surplus > 0 && starting(w) && current(w)) drain(w, Reason::ScaleDown), --surplus;
  }

  // Only what serves beyond `workers` may go, so that a reload takes no capacity away;
  // and of those that are replaced one at a time, so that two sets never stand in memory.
  void retire_servers() {
    int excess = count([](const auto& w) { return serving(w); }) - target_.workers;
    bool one_retires = count([](const auto& w) {
                         return w.state == WorkerState::Draining && voluntary(w.retirement.reason);
                       }) > 0;
    std::ranges::sort(live_, {}, [this](const WorkerView& w) {
      return std::tuple(current(w), w.generation, !w.wants, -w.slot);
    });
    for (WorkerView& w : live_) {
      if (excess <= 0) return;
      if (!serving(w)) continue;
      const Reason reason = !current(w) ? Reason::Reload : w.wants.value_or(Reason::ScaleDown);
      if (voluntary(reason) && one_retires) return;
      one_retires = one_retires || voluntary(reason);
      drain(w, reason);
      --excess;
    }
  }

  // The canary goes before other replacements: it decides whether these would be in vain.
  // There is one: a candidate whose canary is being ended has failed.
  void start_canary() {
    if (!target_.candidate) return;
    if (std::ranges::any_of(all_, [this](const auto& w) { return canary(w); })) return;
    if (count([this](const auto& w) { return up(w); }) <= target_.workers)
      start(*target_.candidate);
  }

  // At boot all start together; beside a full set there is at most one more.
  void start_missing() {
    if (now_ < target_.respawn) return;
    const int keepers = count([this](const auto& w) { return keeper(w); });
    const int alive = count([this](const auto& w) { return up(w); }) + started_;
    int missing = std::min(target_.workers - keepers, target_.workers + 1 - alive);
    if (target_.one_by_one) missing = std::min(missing, 1 - count(starting) - started_);
    for (int i = 0; i < missing; ++i) start(target_.generation);
  }

  // A full scoreboard starts nobody: the next worker that is reaped makes room.
  void start(uint32_t generation) {
    const auto holds = [this](int slot) {
      const auto in_slot = [slot](const auto& x) { return x.slot == slot; };
      return std::ranges::any_of(all_, in_slot) || std::ranges::any_of(actions_, in_slot);
    };
    int slot = 0;
    while (slot < target_.slots && holds(slot)) ++slot;
    if (slot == target_.slots) return;
    actions_.push_back(spawn(slot, generation));
    ++started_;
  }

  std::span<const WorkerView> all_;
  std::vector<WorkerView> live_;
  const Target& target_;
  SteadyTime now_;
  std::vector<Action>& actions_;
  int started_ = 0;
};

}  // namespace

std::string_view to_string(Reason reason) { return kReasons[static_cast<std::size_t>(reason)]; }

Reason to_reason(std::string_view text) {
  const auto* const found = std::ranges::find(kReasons, text);
  return found == std::end(kReasons) ? Reason::Manual
                                     : static_cast<Reason>(found - std::begin(kReasons));
}

Mode mode_at(const Target& target, SteadyTime now) {
  return target.mode == Mode::Lame && target.stop <= now ? Mode::Stop : target.mode;
}

std::vector<Action> plan(std::span<const WorkerView> workers, const Target& target,
                         SteadyTime now) {
  std::vector<Action> actions;
  std::vector<WorkerView> live;
  for (const WorkerView& worker : workers) {
    const auto next = due(worker);
    if (next && next->at <= now)
      actions.push_back(next->action);
    else
      live.push_back(worker);
  }
  const Mode mode = mode_at(target, now);
  if (mode == Mode::Run || mode == Mode::Lame) {
    Run(workers, std::move(live), target, now, actions).decide();
    return actions;
  }
  const bool quit = mode == Mode::Quit;
  for (const WorkerView& worker : live)
    if (worker.state < WorkerState::Draining || (quit && worker.state < WorkerState::Ending))
      actions.push_back(ask(quit ? Kind::Quit : Kind::Drain, worker, Reason::Shutdown));
  return actions;
}

SteadyTime next_deadline(std::span<const WorkerView> workers, const Target& target,
                         SteadyTime now) {
  SteadyTime next = SteadyTime::max();
  for (const WorkerView& worker : workers)
    if (const auto d = due(worker)) next = std::min(next, d->at);
  const Mode mode = mode_at(target, now);
  if (mode == Mode::Lame) next = std::min(next, target.stop);
  if ((mode == Mode::Run || mode == Mode::Lame) && target.respawn > now)
    next = std::min(next, target.respawn);
  return next;
}

WorkerState state_after(Action::Kind kind) {
  switch (kind) {
    case Kind::Spawn:
      return WorkerState::Starting;
    case Kind::Drain:
      return WorkerState::Draining;
    case Kind::Quit:
    case Kind::Abort:
      return WorkerState::Ending;
    case Kind::Kill:
      return WorkerState::Killed;
  }
  return WorkerState::Killed;
}

Retirement retirement_after(const Action& action, const WorkerView& worker, SteadyTime now) {
  // Only a worker that serves has something to finish.
  const bool drains = action.kind == Kind::Drain && worker.state == WorkerState::Serving;
  const SteadyTime end = drains ? now + worker.limits.drain : now;
  return {.reason = action.reason, .drain_deadline = end, .kill_deadline = end + kGrace};
}

}  // namespace tollgate::master
