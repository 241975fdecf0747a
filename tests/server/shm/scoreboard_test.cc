// SPDX-License-Identifier: Apache-2.0
#include "server/shm/scoreboard.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tollgate::shm {
namespace {

using namespace std::chrono_literals;

TEST(Scoreboard, AllSlotsAreFreeAtFirst) {
  const auto board = Scoreboard::create();
  ASSERT_TRUE(board);
  EXPECT_TRUE(board->slots().empty());
  for (int i = 0; i < Scoreboard::kMaxWorkers; ++i)
    EXPECT_EQ(board->slot(i).state.load(), SlotState::Free);
}

TEST(Scoreboard, AChildsWritesAreSeenByItsParent) {
  auto board = Scoreboard::create();
  ASSERT_TRUE(board);
  board->claim(3, 7, SteadyTime(5s));
  const pid_t child = fork();
  if (child == 0) {
    board->slot(3).connections = 42;
    board->slot(3).state = SlotState::Serving;
    _exit(board->slot(3).generation == 7 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(board->slot(3).connections, 42U);
  EXPECT_EQ(board->slot(3).state, SlotState::Serving);
}

TEST(Scoreboard, AClaimedSlotBeginsEmptyAndWithABeat) {
  auto board = Scoreboard::create();
  ASSERT_TRUE(board);
  board->claim(0, 1, SteadyTime(1s));
  board->slot(0).requests = 9;
  board->release(0);
  board->claim(0, 2, SteadyTime(8s));
  EXPECT_EQ(board->slot(0).state, SlotState::Starting);
  EXPECT_EQ(board->slot(0).generation, 2U);
  EXPECT_EQ(board->slot(0).requests, 0U);
  EXPECT_EQ(from_beat(board->slot(0).beat), SteadyTime(8s));
}

TEST(Scoreboard, AReleasedSlotCountsForNothing) {
  auto board = Scoreboard::create();
  ASSERT_TRUE(board);
  board->claim(1, 1, SteadyTime(1s));
  board->slot(1).connections = 5;
  board->slot(1).in_flight = 2;
  board->slot(1).pid = 99;
  board->release(1);
  EXPECT_EQ(board->slot(1).state, SlotState::Free);
  EXPECT_EQ(board->slot(1).connections, 0U);
  EXPECT_EQ(board->slot(1).in_flight, 0U);
  EXPECT_EQ(board->slot(1).pid, 0);
}

TEST(Scoreboard, AReaderLooksAtNoMoreThanWasEverClaimed) {
  auto board = Scoreboard::create();
  ASSERT_TRUE(board);
  board->claim(4, 1, SteadyTime(1s));
  board->claim(2, 1, SteadyTime(1s));
  EXPECT_EQ(board->slots().size(), 5U);
  board->release(4);
  EXPECT_EQ(board->slots().size(), 5U);
}

TEST(Scoreboard, ABeatReadsBackAsItsTime) {
  const SteadyTime time(123456789ns);
  EXPECT_EQ(from_beat(to_beat(time)), time);
}

}  // namespace
}  // namespace tollgate::shm
