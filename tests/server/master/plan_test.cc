// SPDX-License-Identifier: Apache-2.0
#include "server/master/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <ostream>

namespace tollgate::master {

std::ostream& operator<<(std::ostream& out, const Action& action) {
  constexpr const char* kNames[] = {"Spawn", "Drain", "Quit", "Abort", "Kill"};
  return out << kNames[static_cast<int>(action.kind)] << ' ' << action.slot << " generation "
             << action.generation << ' ' << to_string(action.reason);
}

namespace {

constexpr SteadyTime kNow{1000s};
using Kind = Action::Kind;

WorkerView starting(int slot, uint32_t generation, SteadyTime since = kNow) {
  return {slot, WorkerState::Starting, generation, since, since};
}
WorkerView serving(int slot, uint32_t generation, SteadyTime beat = kNow) {
  return {slot, WorkerState::Serving, generation, SteadyTime(500s), beat};
}
WorkerView leaving(WorkerView worker, Reason reason) {
  worker.wants = reason;
  return worker;
}
WorkerView draining(int slot, Reason reason, SteadyTime kill = kNow + 9s) {
  return {.slot = slot,
          .state = WorkerState::Draining,
          .generation = 1,
          .since = kNow,
          .beat = kNow,
          .retirement = {reason, kill, kill}};
}
WorkerView ending(int slot, Reason reason, SteadyTime kill = kNow + 1s) {
  WorkerView worker = draining(slot, reason, kill);
  worker.state = WorkerState::Ending;
  return worker;
}
WorkerView killed(int slot) {
  WorkerView worker = draining(slot, Reason::Hung, kNow - 100s);
  worker.state = WorkerState::Killed;
  return worker;
}

Action spawn(int slot, uint32_t generation = 1) { return {Kind::Spawn, slot, generation}; }
Action drain(int slot, Reason reason) { return {Kind::Drain, slot, 0, reason}; }
Action quit(int slot) { return {Kind::Quit, slot, 0, Reason::Shutdown}; }
Action abort(int slot, Reason reason) { return {Kind::Abort, slot, 0, reason}; }
Action kill(int slot, Reason reason) { return {Kind::Kill, slot, 0, reason}; }

Target run(int workers, uint32_t generation = 1) {
  return {.workers = workers, .generation = generation};
}
Target trying(int workers, uint32_t candidate) {
  return {.workers = workers, .candidate = candidate};
}

struct Case {
  const char* name;
  Target target;
  std::vector<WorkerView> workers;
  std::vector<Action> expected;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

class Plan : public testing::TestWithParam<Case> {};

TEST_P(Plan, Decides) {
  EXPECT_EQ(plan(GetParam().workers, GetParam().target, kNow), GetParam().expected);
}

std::string name_of(const testing::TestParamInfo<Case>& test) { return test.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Count, Plan,
    testing::Values(
        Case{"BootStartsAllAtOnce", run(2), {}, {spawn(0), spawn(1)}},
        Case{"AFullSetNeedsNothing", run(2), {serving(0, 1), serving(1, 1)}, {}},
        Case{"AMissingWorkerIsReplacedInTheLowestSlot",
             run(3),
             {serving(0, 1), serving(2, 1)},
             {spawn(1)}},
        Case{"ASlotIsNotReusedBeforeItsWorkerWasReaped", run(1), {killed(0)}, {spawn(1)}},
        Case{"AWorkerThatStartsIsNotMissed", run(2), {serving(0, 1), starting(1, 1)}, {}},
        Case{"ACrashLoopWaits", {.workers = 1, .respawn = kNow + 1ms}, {}, {}},
        Case{"AndGoesOnInTime", {.workers = 1, .respawn = kNow}, {}, {spawn(0)}},
        Case{"ButWithOneWorkerAtATime", {.workers = 3, .one_by_one = true}, {}, {spawn(0)}},
        Case{"WhoseEndOrReadinessIsWaitedFor",
             {.workers = 3, .one_by_one = true},
             {serving(0, 1), starting(1, 1)},
             {}},
        Case{"AFullScoreboardStartsNobody", {.workers = 2, .slots = 2}, {killed(0), killed(1)}, {}},
        Case{"ScaleUpStartsAllThatAreMissing", run(3), {serving(0, 1)}, {spawn(1), spawn(2)}},
        Case{"ScaleDownDrainsTheHighestSlots",
             run(1),
             {serving(0, 1), serving(1, 1), serving(2, 1)},
             {drain(2, Reason::ScaleDown), drain(1, Reason::ScaleDown)}},
        Case{"ScaleDownPrefersWhoServesNobodyYet",
             run(1),
             {starting(0, 1), serving(1, 1)},
             {drain(0, Reason::ScaleDown)}},
        Case{"ZeroWorkersDrainAll",
             run(0),
             {serving(0, 1), serving(1, 1)},
             {drain(1, Reason::ScaleDown), drain(0, Reason::ScaleDown)}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Reload, Plan,
    testing::Values(
        Case{"FirstTriesOneWorkerOfTheCandidate",
             trying(2, 2),
             {serving(0, 1), serving(1, 1)},
             {spawn(2, 2)}},
        Case{"AndWaitsForIt", trying(2, 2), {serving(0, 1), serving(1, 1), starting(2, 2)}, {}},
        Case{"ACrashMeanwhileIsReplacedFromTheOldGeneration",
             trying(2, 2),
             {serving(0, 1), starting(2, 2)},
             {spawn(1)}},
        Case{"ACrashLoopDoesNotHoldTheCandidateBack",
             {.workers = 1, .candidate = 2, .respawn = kNow + 1s},
             {},
             {spawn(0, 2)}},
        Case{"TheCanaryOfAnAbandonedCandidateGoes",
             run(1, 1),
             {serving(0, 1), starting(1, 2)},
             {drain(1, Reason::Reload)}},
        Case{"ALateCanaryIsAbortedAndNotTriedAgain",
             trying(1, 2),
             {serving(0, 1), starting(1, 2, kNow - 60s)},
             {abort(1, Reason::BootTimeout)}},
        Case{"AnotherReloadOvertakesTheFirst",
             trying(1, 3),
             {serving(0, 1), starting(1, 2)},
             {drain(1, Reason::Reload), spawn(2, 3)}},
        Case{"WhenTheCandidateWasPromotedOneOldWorkerDrainsAndTheNextStarts",
             run(2, 2),
             {serving(0, 1), serving(1, 1), serving(2, 2)},
             {drain(1, Reason::Reload), spawn(3, 2)}},
        Case{"OfThoseThatDrainNoneIsCounted",
             run(2, 2),
             {serving(0, 1), draining(1, Reason::Reload), serving(2, 2)},
             {spawn(3, 2)}},
        Case{"NoOldWorkerDrainsBeforeTheReplacementServes",
             run(2, 2),
             {serving(0, 1), serving(2, 2), starting(3, 2)},
             {}},
        Case{"NorBeforeTheLastOneHasGone",
             run(2, 2),
             {serving(0, 1), draining(1, Reason::Reload), serving(2, 2), serving(3, 2)},
             {}},
        Case{"ThenTheNext",
             run(2, 2),
             {serving(0, 1), serving(2, 2), serving(3, 2)},
             {drain(0, Reason::Reload)}},
        Case{"TheOldestGenerationGoesFirst",
             run(2, 3),
             {serving(0, 2), serving(1, 1), serving(2, 3)},
             {drain(1, Reason::Reload), spawn(3, 3)}},
        Case{"AWorkerThatCrashedInTheRollIsReplacedFromTheNewGeneration",
             run(2, 2),
             {serving(0, 1)},
             {spawn(1, 2), spawn(2, 2)}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Retirement, Plan,
    testing::Values(Case{"TheReplacementStartsFirst",
                         run(2),
                         {serving(0, 1), leaving(serving(1, 1), Reason::MaxRequests)},
                         {spawn(2)}},
                    Case{
                        "ThenTheWorkerDrainsForItsReason",
                        run(2),
                        {serving(0, 1), leaving(serving(1, 1), Reason::MaxRequests), serving(2, 1)},
                        {drain(1, Reason::MaxRequests)}},
                    Case{"OneAtATime",
                         run(2),
                         {leaving(serving(0, 1), Reason::MaxRequests),
                          leaving(serving(1, 1), Reason::MaxRequests)},
                         {spawn(2)}},
                    Case{"TheSecondWaitsUntilTheFirstHasGone",
                         run(2),
                         {leaving(serving(0, 1), Reason::MaxRequests),
                          draining(1, Reason::MaxRequests), serving(2, 1), serving(3, 1)},
                         {}},
                    Case{"ScaleDownDoesNotWaitForIt",
                         run(1),
                         {draining(0, Reason::MaxRequests), serving(1, 1), serving(2, 1)},
                         {drain(2, Reason::ScaleDown)}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Deadline, Plan,
    testing::Values(Case{"ASilentWorkerIsAbortedAndReplaced",
                         run(1),
                         {serving(0, 1, kNow - 30s)},
                         {abort(0, Reason::Hung), spawn(1)}},
                    Case{"AlmostSilentIsNotSilent", run(1), {serving(0, 1, kNow - 30s + 1ms)}, {}},
                    Case{"AnAbortedWorkerIsKilledInTheEnd",
                         run(1),
                         {ending(0, Reason::Hung, kNow), serving(1, 1)},
                         {kill(0, Reason::Hung)}},
                    Case{"ASlowBootIsAborted",
                         run(1),
                         {starting(0, 1, kNow - 60s)},
                         {abort(0, Reason::BootTimeout), spawn(1)}},
                    Case{
                        "ABootMayTakeLongerThanASilence", run(1), {starting(0, 1, kNow - 31s)}, {}},
                    Case{"ALateDrainIsKilled",
                         run(1),
                         {draining(0, Reason::Reload, kNow), serving(1, 1)},
                         {kill(0, Reason::Reload)}},
                    Case{"AKilledWorkerIsNotKilledAgain", run(1), {killed(0), serving(1, 1)}, {}},
                    Case{"AHungDrainIsAborted",
                         run(0),
                         {[] {
                           WorkerView worker = draining(0, Reason::Reload, kNow + 500s);
                           worker.beat = kNow - 30s;
                           return worker;
                         }()},
                         {abort(0, Reason::Hung)}},
                    Case{"ZeroMeansForEver",
                         run(2),
                         {[] {
                            WorkerView worker = serving(0, 1, SteadyTime(1s));
                            worker.limits = {.boot = 0ms, .silence = 0ms};
                            return worker;
                          }(),
                          [] {
                            WorkerView worker = starting(1, 1, SteadyTime(1s));
                            worker.limits = {.boot = 0ms, .silence = 0ms};
                            return worker;
                          }()},
                         {}}),
    name_of);

// Each reason to be replaced is the same way: first the replacement, then one drain at a time.
class Retires : public testing::TestWithParam<Reason> {};

TEST_P(Retires, WhenItsReplacementServes) {
  const Reason why = GetParam();
  const std::vector<WorkerView> before = {leaving(serving(0, 1), why), serving(1, 1)};
  EXPECT_EQ(plan(before, run(2), kNow), std::vector{spawn(2)});
  const std::vector<WorkerView> after = {leaving(serving(0, 1), why), serving(1, 1), serving(2, 1)};
  EXPECT_EQ(plan(after, run(2), kNow), std::vector{drain(0, why)});
}

TEST_P(Retires, OneAtATime) {
  const Reason why = GetParam();
  const std::vector<WorkerView> two = {draining(0, why), leaving(serving(1, 1), why), serving(2, 1),
                                       serving(3, 1)};
  EXPECT_EQ(plan(two, run(2), kNow), std::vector<Action>{});
}

INSTANTIATE_TEST_SUITE_P(Reasons, Retires,
                         testing::Values(Reason::MaxRequests, Reason::MaxLifetime,
                                         Reason::MaxMemory, Reason::Wedged, Reason::Manual),
                         [](const auto& test) { return std::string(to_string(test.param)); });

TEST(Reasons, AreReadBackFromTheirText) {
  for (int i = 0; i <= static_cast<int>(Reason::Manual); ++i)
    EXPECT_EQ(to_reason(to_string(static_cast<Reason>(i))), static_cast<Reason>(i));
  EXPECT_EQ(to_reason("no such"), Reason::Manual);
}

INSTANTIATE_TEST_SUITE_P(
    Shutdown, Plan,
    testing::Values(Case{"ALameServerReplacesWhoDies",
                         {.workers = 2, .mode = Mode::Lame, .stop = kNow + 1ms},
                         {serving(0, 1)},
                         {spawn(1)}},
                    Case{"ALameServerDrainsWhenItsTimeIsOver",
                         {.workers = 1, .mode = Mode::Lame, .stop = kNow},
                         {serving(0, 1)},
                         {drain(0, Reason::Shutdown)}},
                    Case{"StopDrainsAllAndStartsNone",
                         {.workers = 3, .candidate = 2, .mode = Mode::Stop},
                         {serving(0, 1), starting(1, 2)},
                         {drain(0, Reason::Shutdown), drain(1, Reason::Shutdown)}},
                    Case{"StopLeavesADrainItsDeadline",
                         {.workers = 1, .mode = Mode::Stop},
                         {draining(0, Reason::Reload), draining(1, Reason::Shutdown, kNow)},
                         {kill(1, Reason::Shutdown)}},
                    Case{"StopReplacesNobody",
                         {.workers = 1, .mode = Mode::Stop},
                         {serving(0, 1, kNow - 31s)},
                         {abort(0, Reason::Hung)}},
                    Case{"QuitEndsAllAtOnce",
                         {.workers = 3, .mode = Mode::Quit},
                         {serving(0, 1), starting(1, 1), draining(2, Reason::Shutdown),
                          ending(3, Reason::Hung), killed(4)},
                         {quit(0), quit(1), quit(2)}},
                    Case{"AndKillsWhatDoesNot",
                         {.mode = Mode::Quit},
                         {ending(0, Reason::Shutdown, kNow)},
                         {kill(0, Reason::Shutdown)}}),
    name_of);

TEST(PlanDeadline, IsTheEarliestOfAll) {
  const std::vector<WorkerView> workers = {serving(0, 1), draining(1, Reason::Reload, kNow + 3s),
                                           starting(2, 1)};
  EXPECT_EQ(next_deadline(workers, run(1), kNow), kNow + 3s);
  EXPECT_EQ(next_deadline(workers, {.workers = 1, .respawn = kNow + 1s}, kNow), kNow + 1s);
  EXPECT_EQ(next_deadline({}, run(1), kNow), SteadyTime::max());
}

TEST(PlanDeadline, AtTheDeadlineThereIsSomethingToDo) {
  for (const WorkerView& worker :
       {serving(0, 1), draining(0, Reason::Reload), starting(0, 1), ending(0, Reason::Hung)}) {
    const SteadyTime deadline = next_deadline({&worker, 1}, run(0), kNow);
    ASSERT_NE(deadline, SteadyTime::max());
    const auto actions = plan({&worker, 1}, run(0), deadline);
    ASSERT_FALSE(actions.empty());
    EXPECT_TRUE(actions[0].kind == Kind::Abort || actions[0].kind == Kind::Kill);
  }
}

TEST(PlanRetirement, OnlyWhoServesIsGivenTimeToDrain) {
  const Retirement busy = retirement_after(drain(0, Reason::Reload), serving(0, 1), kNow);
  EXPECT_EQ(busy.drain_deadline, kNow + 30s);
  EXPECT_EQ(busy.kill_deadline, kNow + 30s + kGrace);
  const Retirement idle = retirement_after(drain(0, Reason::Reload), starting(0, 1), kNow);
  EXPECT_EQ(idle.kill_deadline, kNow + kGrace);
  const Retirement hung = retirement_after(abort(0, Reason::Hung), serving(0, 1), kNow);
  EXPECT_EQ(hung.kill_deadline, kNow + kGrace);
}

// A world in which every worker is ready, and every drain done, after one step.
class Simulation {
 public:
  void step(const Target& target, SteadyTime now) {
    for (auto worker = workers_.begin(); worker != workers_.end();) {
      if (worker->second.state == WorkerState::Draining)
        worker = workers_.erase(worker);
      else
        (worker++)->second.state = WorkerState::Serving;
    }
    std::vector<WorkerView> views;
    for (auto& [slot, worker] : workers_) {
      worker.beat = now;
      views.push_back(worker);
    }
    for (const Action& action : plan(views, target, now)) {
      if (action.kind == Kind::Spawn)
        workers_[action.slot] = starting(action.slot, action.generation, now);
      else
        workers_.at(action.slot).state = state_after(action.kind);
    }
  }
  int count(WorkerState state) const {
    return static_cast<int>(std::ranges::count_if(
        workers_, [state](const auto& entry) { return entry.second.state == state; }));
  }
  int of_generation(uint32_t generation) const {
    return static_cast<int>(std::ranges::count_if(workers_, [generation](const auto& entry) {
      return entry.second.generation == generation;
    }));
  }
  std::size_t size() const { return workers_.size(); }

 private:
  std::map<int, WorkerView> workers_;
};

TEST(PlanSimulation, AReloadNeverHasFewerThanAllServing) {
  Simulation world;
  SteadyTime now = kNow;
  for (int i = 0; i < 3; ++i) world.step(run(4), now += 1s);
  ASSERT_EQ(world.count(WorkerState::Serving), 4);
  int steps = 0;
  for (; world.of_generation(1) > 0 && steps < 50; ++steps) {
    const bool tried = world.of_generation(2) > 0;
    world.step(tried ? run(4, 2) : trying(4, 2), now += 1s);
    EXPECT_GE(world.count(WorkerState::Serving), 4);
    EXPECT_LE(world.size(), 6U);  // one more that starts, and one that drains
  }
  EXPECT_EQ(world.of_generation(2), 4);
  EXPECT_LT(steps, 50);
  world.step(run(4, 2), now += 1s);
  EXPECT_EQ(world.size(), 4U);
}

}  // namespace
}  // namespace tollgate::master
