// SPDX-License-Identifier: Apache-2.0
#include "server/master/quarantine.h"

#include <gtest/gtest.h>

#include <vector>

namespace tollgate::master {
namespace {

constexpr Quarantine::Rules kRules{.crashes = 3, .window = 60s, .time = 30s};

struct Crash {
  uint64_t route;
  milliseconds at;
};
struct Case {
  std::string name;
  Quarantine::Rules rules;
  std::vector<Crash> crashes;
  std::vector<uint64_t> quarantined;  // in the end, at the time of the last crash
};

class QuarantineCase : public testing::TestWithParam<Case> {};

TEST_P(QuarantineCase, EndsSo) {
  Quarantine quarantine;
  for (const Crash& crash : GetParam().crashes) {
    const SteadyTime now = SteadyTime(1h) + crash.at;
    quarantine.end_those_due(now);
    static_cast<void>(quarantine.died(crash.route, "GET /", GetParam().rules, now));
  }
  std::vector<uint64_t> routes;
  for (const Quarantine::Row& row : quarantine.rows()) routes.push_back(row.route);
  EXPECT_EQ(routes, GetParam().quarantined);
}

INSTANTIATE_TEST_SUITE_P(
    Of, QuarantineCase,
    testing::Values(
        Case{"TwoCrashes", kRules, {{1, 0s}, {1, 1s}}, {}},
        Case{"Three", kRules, {{1, 0s}, {1, 1s}, {1, 2s}}, {1}},
        Case{"ThreeJustWithinTheWindow", kRules, {{1, 0s}, {1, 1s}, {1, 60s}}, {1}},
        Case{"ThreeInMoreThanTheWindow", kRules, {{1, 0s}, {1, 1s}, {1, 60'001ms}}, {}},
        Case{"ThreeOfDifferentRoutes", kRules, {{1, 0s}, {2, 1s}, {3, 2s}}, {}},
        Case{"TwoRoutes", kRules, {{1, 0s}, {2, 0s}, {1, 0s}, {2, 0s}, {1, 0s}, {2, 1s}}, {1, 2}},
        Case{"MoreWhileItLasts", kRules, {{1, 0s}, {1, 0s}, {1, 0s}, {1, 29s}}, {1}},
        Case{"TheEnd", kRules, {{1, 0s}, {1, 0s}, {1, 0s}, {2, 30s}}, {}},
        Case{"CrashesWhileItLastedDoNotCountAfterwards",
             kRules,
             {{1, 0s}, {1, 0s}, {1, 0s}, {1, 1s}, {1, 2s}, {1, 31s}, {1, 32s}},
             {}},
        Case{"ThreeMoreAfterwards",
             kRules,
             {{1, 0s}, {1, 0s}, {1, 0s}, {1, 31s}, {1, 32s}, {1, 33s}},
             {1}},
        Case{"OneWhereOneIsEnough", {.crashes = 1, .window = 1s, .time = 1s}, {{1, 0s}}, {1}},
        Case{"ManyWhereItIsOff",
             {.crashes = 0, .window = 60s, .time = 60s},
             {{1, 0s}, {1, 0s}, {1, 0s}, {1, 0s}},
             {}}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(Quarantine, SaysItOnceAndUntilWhen) {
  Quarantine quarantine;
  const SteadyTime now(1h);
  EXPECT_FALSE(quarantine.died(1, "GET /a", kRules, now));
  EXPECT_FALSE(quarantine.died(1, "GET /a", kRules, now));
  EXPECT_TRUE(quarantine.died(1, "GET /a", kRules, now));
  EXPECT_FALSE(quarantine.died(1, "GET /a", kRules, now));
  EXPECT_EQ(quarantine.rows().back().name, "GET /a");
  EXPECT_EQ(quarantine.rows().back().until, now + 30s);
  EXPECT_TRUE(quarantine.end_those_due(now + 29s).empty());
  EXPECT_EQ(quarantine.end_those_due(now + 30s).size(), 1U);
  EXPECT_TRUE(quarantine.end_those_due(now + 30s).empty());
}

TEST(Quarantine, HasRoomForTheLatest) {
  Quarantine quarantine;
  const Quarantine::Rules rules{.crashes = 1, .window = 60s, .time = 60s};
  constexpr std::size_t kRows = shm::QuarantineList::kRows;
  for (uint64_t route = 1; route <= kRows + 1; ++route)
    EXPECT_TRUE(quarantine.died(route, "GET /", rules, SteadyTime(std::chrono::seconds(route))));
  EXPECT_EQ(quarantine.rows().size(), kRows);
  EXPECT_EQ(quarantine.rows().front().route, 2U);
  EXPECT_EQ(quarantine.rows().back().route, kRows + 1);
}

TEST(Quarantine, ClearedForgetsTheCrashesToo) {
  Quarantine quarantine;
  EXPECT_FALSE(quarantine.died(1, "GET /a", kRules, SteadyTime(1h)));
  EXPECT_FALSE(quarantine.died(1, "GET /a", kRules, SteadyTime(1h)));
  quarantine.clear();
  EXPECT_FALSE(quarantine.died(1, "GET /a", kRules, SteadyTime(1h)));
}

}  // namespace
}  // namespace tollgate::master
