// SPDX-License-Identifier: Apache-2.0
#include "server/master/quorum.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/server/master/fake_server.h"
#include "tests/server/os/temporary_folder.h"
#include "tests/support/fake_systemd.h"

namespace tollgate::master {
namespace {

TEST(Quorum, IsMoreThanHalfAndAtLeastOne) {
  const int expected[] = {1, 1, 2, 2, 3, 3, 4};
  for (int wanted = 0; wanted < 7; ++wanted) EXPECT_EQ(quorum(wanted), expected[wanted]) << wanted;
}

TEST(Quorum, ABeatIsFreshForHalfAnIntervalAndAtLeastASecond) {
  EXPECT_EQ(freshness(100ms), 1s);
  EXPECT_EQ(freshness(30s), 15s);
}

constexpr SteadyTime kNow{1h};

struct Worker {
  WorkerState state;
  milliseconds silent;
};

struct Case {
  const char* name;
  int wanted;
  std::vector<Worker> workers;
  bool alive;
};

constexpr auto kServing = WorkerState::Serving;
constexpr auto kStarting = WorkerState::Starting;
constexpr auto kDraining = WorkerState::Draining;

class QuorumIsAlive : public testing::TestWithParam<Case> {};

TEST_P(QuorumIsAlive, WhenEnoughServeAndBeat) {
  std::vector<WorkerView> views;
  for (const Worker& worker : GetParam().workers)
    views.push_back({.slot = static_cast<int>(views.size()),
                     .state = worker.state,
                     .generation = 1,
                     .since = {},
                     .beat = kNow - worker.silent});
  EXPECT_EQ(quorum_is_alive(views, GetParam().wanted, 1s, kNow), GetParam().alive);
}

INSTANTIATE_TEST_SUITE_P(
    Watchdog, QuorumIsAlive,
    testing::Values(Case{"OneOfOne", 1, {{kServing, 0ms}}, true}, Case{"NobodyThere", 1, {}, false},
                    Case{"OneSilent", 1, {{kServing, 1s}}, false},
                    Case{"JustInTime", 1, {{kServing, 999ms}}, true},
                    Case{"HalfIsNotEnough", 2, {{kServing, 0ms}, {kServing, 2s}}, false},
                    Case{"TwoOfThree", 3, {{kServing, 0ms}, {kServing, 0ms}, {kServing, 9s}}, true},
                    Case{"WhoStartsDoesNotServe", 2, {{kServing, 0ms}, {kStarting, 0ms}}, false},
                    Case{"WhoDrainsDoesNotServe", 1, {{kDraining, 0ms}}, false},
                    Case{"EmptiedOnPurpose", 0, {}, true}),
    [](const auto& test) { return std::string(test.param.name); });

// A worker that is slow to start must not hold up what waits for the service.
TEST(Systemd, IsToldReadyByAQuorum) {
  const TemporaryFolder folder;
  const test::FakeSystemd systemd(folder.file("notify"));
  Config config;
  config.workers = 3;
  const FakeServer server({.config = config,
                           .worker_main =
                               [](FakeWorker& worker) {
                                 if (worker.start().slot == 2) FakeWorker::hang();
                                 return serve(worker);
                               },
                           .notify_socket = folder.file("notify")});
  EXPECT_NE(systemd.await("STATUS=3 workers, generation 1; 0 serve"), "");
  const std::string ready = systemd.await("READY=1");
  EXPECT_NE(ready.find("; 2 serve"), std::string::npos) << ready;
}

}  // namespace
}  // namespace tollgate::master
