// SPDX-License-Identifier: Apache-2.0
#include "server/worker/admission.h"

#include <gtest/gtest.h>

#include <ostream>
#include <vector>

namespace tollgate::worker {
namespace {

using namespace std::chrono_literals;
using shm::SlotState;

constexpr SteadyTime kNow{1000s};
constexpr auto kLate = shm::kMissedBeats * shm::kBeat;

struct Worker {
  uint32_t connections;
  SlotState state = SlotState::Serving;
  std::chrono::milliseconds silent = 0ms;  // since its last beat
};

struct Case {
  const char* name;
  uint32_t own;  // connections
  std::vector<Worker> others;
  bool accepts;
  Worker self = {0};  // state and silence of it
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

void fill(shm::Slot& slot, const Worker& worker) {
  slot.connections = worker.connections;
  slot.state = worker.state;
  slot.beat = shm::to_beat(kNow - worker.silent);
}

class Admission : public testing::TestWithParam<Case> {};

TEST_P(Admission, Decides) {
  const Case& c = GetParam();
  // Its place among the others makes no difference.
  for (std::size_t place = 0; place <= c.others.size(); ++place) {
    std::vector<shm::Slot> slots(c.others.size() + 1);
    for (std::size_t i = 0; i < c.others.size(); ++i)
      fill(slots[i < place ? i : i + 1], c.others[i]);
    fill(slots[place], {c.own, c.self.state, c.self.silent});
    EXPECT_EQ(may_accept(slots, slots[place], kNow), c.accepts) << "in slot " << place;
  }
}

INSTANTIATE_TEST_SUITE_P(
    , Admission,
    testing::Values(
        Case{"AloneAlways", 1000, {}, true}, Case{"Equal", 5, {{5}, {5}}, true},
        Case{"Fewer", 4, {{5}, {6}}, true}, Case{"OneMoreIsWithinTheSlack", 6, {{5}, {9}}, true},
        Case{"TwoMoreWaits", 7, {{5}, {9}}, false},
        Case{"TwoMoreThanOneOfMany", 7, {{9}, {9}, {9}, {5}}, false},
        Case{"OneStalledDoesNotCount", 100, {{0, SlotState::Serving, kLate}}, true},
        Case{"OneThatMissedABeatCounts", 100, {{0, SlotState::Serving, kLate - 1ms}}, false},
        Case{"OneThatDrainsDoesNotCount", 100, {{0, SlotState::Draining}}, true},
        Case{"OneThatStartsDoesNotCount", 100, {{0, SlotState::Starting}}, true},
        Case{"AFreeSlotDoesNotCount", 100, {{0, SlotState::Free}}, true},
        Case{"TheLiveOneAmongTheOthersCounts",
             100,
             {{0, SlotState::Draining}, {0, SlotState::Serving}, {0, SlotState::Free}},
             false},
        Case{"OneThatStalledItselfMayAccept", 5, {{5}}, true, {0, SlotState::Serving, 10s}},
        Case{"TheLeastOfManyMayAccept", 0, {{1000}, {1}, {0}}, true}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Liveness, AWorkerIsLiveWhileItServesAndBeats) {
  shm::Slot slot{};
  fill(slot, {0, SlotState::Serving, 0ms});
  EXPECT_TRUE(is_live(slot, kNow));
  EXPECT_TRUE(is_live(slot, kNow + kLate - 1ms));
  EXPECT_FALSE(is_live(slot, kNow + kLate));
  for (const SlotState state : {SlotState::Free, SlotState::Starting, SlotState::Draining}) {
    fill(slot, {0, state, 0ms});
    EXPECT_FALSE(is_live(slot, kNow));
  }
}

}  // namespace
}  // namespace tollgate::worker
