// SPDX-License-Identifier: Apache-2.0
#include "server/net/deadlines.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace tollgate::net {
namespace {

constexpr SteadyTime kStart{std::chrono::hours(1)};

// Names of those that expire, in order.
std::string sweep(DeadlineList& list, SteadyTime now) {
  std::string expired;
  list.sweep(now, [&](void* owner) { expired += *static_cast<char*>(owner); });
  return expired;
}

TEST(Deadlines, ExpireInTheirOrderWhenTheyAreDue) {
  char a = 'a', b = 'b', c = 'c';
  DeadlineList list(10ms);
  Deadline first, second, third;
  list.arm(first, &a, kStart);
  list.arm(second, &b, kStart + 1ms);
  list.arm(third, &c, kStart + 5ms);
  EXPECT_EQ(sweep(list, kStart + 9ms), "");
  EXPECT_EQ(sweep(list, kStart + 11ms), "ab");
  EXPECT_FALSE(first.armed());
  EXPECT_TRUE(third.armed());
  EXPECT_EQ(sweep(list, kStart + 1h), "c");
  EXPECT_EQ(sweep(list, kStart + 2h), "");
}

TEST(Deadlines, ArmingAgainPostpones) {
  char a = 'a', b = 'b';
  DeadlineList list(10ms);
  Deadline first, second;
  list.arm(first, &a, kStart);
  list.arm(second, &b, kStart);
  list.arm(first, &a, kStart + 5ms);
  EXPECT_EQ(sweep(list, kStart + 10ms), "b");
  EXPECT_EQ(sweep(list, kStart + 15ms), "a");
}

TEST(Deadlines, ArmingElsewhereLeavesTheFirstList) {
  char a = 'a';
  DeadlineList one(10ms);
  DeadlineList other(20ms);
  Deadline deadline;
  one.arm(deadline, &a, kStart);
  other.arm(deadline, &a, kStart);
  EXPECT_EQ(sweep(one, kStart + 1h), "");
  EXPECT_EQ(sweep(other, kStart + 20ms), "a");
}

TEST(Deadlines, DisarmedTheyDoNotExpire) {
  char a = 'a', b = 'b', c = 'c';
  DeadlineList list(10ms);
  Deadline first, second, third;
  list.arm(first, &a, kStart);
  list.arm(second, &b, kStart);
  list.arm(third, &c, kStart);
  second.disarm();
  second.disarm();
  EXPECT_FALSE(second.armed());
  EXPECT_EQ(sweep(list, kStart + 10ms), "ac");
}

TEST(Deadlines, NoDurationIsNoDeadline) {
  char a = 'a';
  DeadlineList limited(10ms);
  DeadlineList unlimited(0ms);
  Deadline deadline;
  limited.arm(deadline, &a, kStart);
  unlimited.arm(deadline, &a, kStart);
  EXPECT_FALSE(deadline.armed());
  EXPECT_EQ(sweep(limited, kStart + 1h), "");
  EXPECT_EQ(sweep(unlimited, kStart + 1h), "");
}

TEST(Deadlines, LeaveTheirListWhenTheyDie) {
  char a = 'a', b = 'b';
  DeadlineList list(10ms);
  Deadline first;
  list.arm(first, &a, kStart);
  {
    Deadline second;
    list.arm(second, &b, kStart);
  }
  EXPECT_EQ(sweep(list, kStart + 10ms), "a");
}

TEST(Deadlines, MayOutliveTheirList) {
  char a = 'a';
  Deadline deadline;
  {
    DeadlineList list(10ms);
    list.arm(deadline, &a, kStart);
  }
  EXPECT_FALSE(deadline.armed());
}

TEST(Deadlines, WhatExpiresMayArmAndDestroyOthers) {
  DeadlineList list(10ms);
  std::vector<std::unique_ptr<Deadline>> deadlines;
  for (int i = 0; i < 3; ++i) {
    deadlines.push_back(std::make_unique<Deadline>());
    list.arm(*deadlines.back(), deadlines.back().get(), kStart);
  }
  int expired = 0;
  list.sweep(kStart + 10ms, [&](void* owner) {
    ++expired;
    EXPECT_EQ(owner, deadlines[0].get());
    deadlines.pop_back();  // the one that is next, and itself in the end
    list.arm(*deadlines[0], deadlines[0].get(), kStart + 10ms);
    deadlines.pop_back();
  });
  EXPECT_EQ(expired, 1);
  EXPECT_TRUE(deadlines[0]->armed());
}

}  // namespace
}  // namespace tollgate::net
