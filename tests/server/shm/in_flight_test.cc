// SPDX-License-Identifier: Apache-2.0
#include "server/shm/in_flight.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/base/units.h"
#include "server/shm/scoreboard.h"

namespace tollgate::shm {
namespace {

class InFlightTest : public testing::Test {
 protected:
  InFlightEntry& begin(uint64_t id, std::string_view path = "/a") {
    return list_.begin({.id = id,
                        .started = SteadyTime(5s),
                        .version_minor = 1,
                        .method = "GET",
                        .path = path,
                        .peer = "192.0.2.1"});
  }
  std::vector<uint64_t> listed() const {
    std::vector<uint64_t> ids;
    for (const InFlightEntry& entry : table_)
      if (entry.request != 0) ids.push_back(entry.request);
    return ids;
  }

  InFlight::Table table_{};
  std::atomic<uint32_t> count_ = 0;
  InFlight list_{table_, count_};
};

TEST_F(InFlightTest, AnEntryTellsItsRequestUntilItsEnd) {
  InFlightEntry& entry = begin(7, "/notes/1");
  entry.user.assign("alice");
  const InFlightEntry& seen = table_.front();
  EXPECT_EQ(seen.request, 7U);
  EXPECT_EQ(seen.method.text(), "GET");
  EXPECT_EQ(seen.path.text(), "/notes/1");
  EXPECT_EQ(seen.peer.text(), "192.0.2.1");
  EXPECT_EQ(seen.user.text(), "alice");
  EXPECT_EQ(from_beat(seen.started), SteadyTime(5s));
  EXPECT_EQ(count_, 1U);
  list_.end(entry);
  EXPECT_TRUE(listed().empty());
  EXPECT_EQ(count_, 0U);
}

TEST_F(InFlightTest, ANewRequestHasNothingOfTheOneBefore) {
  InFlightEntry& first = begin(1);
  first.user.assign("alice");
  first.pattern.assign("/a");
  first.route = 9;
  list_.end(first);
  const InFlightEntry& second = begin(2);
  EXPECT_EQ(&second, &first);
  EXPECT_EQ(second.user.text(), "");
  EXPECT_EQ(second.pattern.text(), "");
  EXPECT_EQ(second.route, 0U);
}

TEST_F(InFlightTest, WhatFindsNoRoomIsCountedAndNotListed) {
  std::vector<InFlightEntry*> entries;
  for (uint64_t id = 1; id <= InFlight::kEntries + 2; ++id) entries.push_back(&begin(id));
  EXPECT_EQ(listed().size(), InFlight::kEntries);
  EXPECT_EQ(count_, InFlight::kEntries + 2);
  EXPECT_EQ(entries.back()->path.text(), "/a");  // known to the thread that works on it
  for (InFlightEntry* entry : entries) list_.end(*entry);
  EXPECT_TRUE(listed().empty());
  EXPECT_EQ(count_, 0U);
}

TEST_F(InFlightTest, ALongTextIsCutAndSaysSo) {
  const struct {
    std::size_t size;
    std::size_t kept;
    bool cut;
  } rows[] = {{0, 0, false}, {95, 95, false}, {96, 95, true}, {255, 95, true}, {70'000, 95, true}};
  for (const auto& row : rows) {
    InFlightEntry& entry = begin(1, std::string(row.size, 'x'));
    EXPECT_EQ(entry.path.text(), std::string(row.kept, 'x'));
    EXPECT_EQ(entry.path.cut(), row.cut) << row.size;
    list_.end(entry);
  }
}

TEST_F(InFlightTest, AThreadKnowsWhatItWorksOn) {
  const InFlightEntry& outer = begin(1);
  const InFlightEntry& inner = begin(2);
  {
    const WorkingOn first(&outer);
    {
      const WorkingOn second(&inner);
      EXPECT_EQ(working_on, &inner);
    }
    EXPECT_EQ(working_on, &outer);
  }
  EXPECT_EQ(working_on, nullptr);
}

TEST(Remains, AreThereAfterTheDeathAndGoneWithTheNextClaim) {
  auto board = Scoreboard::create();
  ASSERT_TRUE(board);
  board->claim(3, 1, SteadyTime(1s));
  board->remains(3).note.signal = 11;
  InFlight list(board->remains(3).in_flight, board->slot(3).in_flight);
  list.begin(
      {.id = 4, .started = {}, .version_minor = 1, .method = "GET", .path = "/", .peer = ""});
  board->release(3);
  EXPECT_EQ(board->remains(3).note.signal, 11);
  EXPECT_EQ(board->remains(3).in_flight.front().request, 4U);
  board->claim(3, 2, SteadyTime(2s));
  EXPECT_EQ(board->remains(3).note.signal, 0);
  EXPECT_EQ(board->remains(3).in_flight.front().request, 0U);
}

TEST(QuarantineList, NamesARouteUntilItsTime) {
  auto board = Scoreboard::create();
  ASSERT_TRUE(board);
  QuarantineList& list = board->quarantine();
  EXPECT_FALSE(list.find(7, SteadyTime(0s)));
  list.publish(std::vector<QuarantineList::Row>{{.route = 7, .until = SteadyTime(10s)}});
  EXPECT_EQ(list.find(7, SteadyTime(9s)), SteadyTime(10s));
  EXPECT_FALSE(list.find(7, SteadyTime(10s)));
  EXPECT_FALSE(list.find(8, SteadyTime(9s)));
  list.publish(std::vector<QuarantineList::Row>{});
  EXPECT_FALSE(list.find(7, SteadyTime(9s)));
}

}  // namespace
}  // namespace tollgate::shm
