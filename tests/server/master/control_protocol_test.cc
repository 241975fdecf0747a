// SPDX-License-Identifier: Apache-2.0
#include "server/master/control_protocol.h"

#include <gtest/gtest.h>

#include "server/base/version.h"

namespace tollgate::master {
namespace {

TEST(ControlRequest, IsAWordItsSlotAndWait) {
  struct Case {
    const char* line;
    ControlRequest expected;
  };
  const Case cases[] = {
      {"status", {Verb::Status}},
      {"workers", {Verb::Workers}},
      {"reload", {Verb::Reload}},
      {"reload wait", {Verb::Reload, -1, true}},
      {"upgrade wait", {Verb::Upgrade, -1, true}},
      {"stop", {Verb::Stop}},
      {"stop wait", {Verb::Stop, -1, true}},
      {"retire 0", {Verb::Retire, 0}},
      {"retire 511 wait", {Verb::Retire, 511, true}},
  };
  for (const Case& c : cases) {
    const auto request = parse_control_request(c.line);
    ASSERT_TRUE(request) << c.line;
    EXPECT_EQ(*request, c.expected) << c.line;
  }
}

TEST(ControlRequest, AnythingElseIsRefusedWithWhatThereIs) {
  using namespace std::string_view_literals;
  for (const std::string_view line : {""sv,
                                      " "sv,
                                      "Status"sv,
                                      "status "sv,
                                      " status"sv,
                                      "status wait"sv,
                                      "workers 3"sv,
                                      "reload now"sv,
                                      "reload wait wait"sv,
                                      "wait"sv,
                                      "retire"sv,
                                      "retire wait"sv,
                                      "retire 512"sv,
                                      "retire -1"sv,
                                      "retire 1 2"sv,
                                      "retire x wait"sv,
                                      "stop\r"sv,
                                      "status\0"sv,
                                      "\xff\xfe"sv,
                                      "GET / HTTP/1.1"sv}) {
    const auto request = parse_control_request(line);
    ASSERT_FALSE(request) << line;
    EXPECT_NE(request.error().message.find("reload"), std::string::npos) << line;
  }
}

TEST(ServerState, FollowsFromTheFacts) {
  struct Case {
    const char* name;
    ServerFacts facts;
    ServerState expected;
    bool ready;
  };
  const Case cases[] = {
      {"boot", {}, ServerState::Starting, false},
      {"serves", {.was_ready = true, .wanted = 2, .serving = 2}, ServerState::Ready, true},
      {"a quorum is enough",
       {.was_ready = true, .wanted = 3, .serving = 2},
       ServerState::Ready,
       true},
      {"half is not", {.was_ready = true, .wanted = 2, .serving = 1}, ServerState::Degraded, false},
      {"emptied", {.was_ready = true, .wanted = 0, .serving = 0}, ServerState::Degraded, false},
      {"a crash loop",
       {.was_ready = true, .crash_loop = true, .wanted = 1, .serving = 1},
       ServerState::Degraded,
       false},
      {"a reload",
       {.was_ready = true, .reloading = true, .wanted = 1, .serving = 1},
       ServerState::Reloading,
       true},
      {"an upgrade",
       {.was_ready = true, .upgrading = true, .reloading = true, .wanted = 1, .serving = 1},
       ServerState::Upgrading,
       true},
      {"a degraded reload",
       {.was_ready = true, .reloading = true, .wanted = 1, .serving = 0},
       ServerState::Degraded,
       false},
      {"stops",
       {.mode = Mode::Stop, .was_ready = true, .wanted = 1, .serving = 1},
       ServerState::Stopping,
       false},
      {"stops at boot", {.mode = Mode::Quit}, ServerState::Stopping, false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(state_of(c.facts), c.expected) << c.name;
    EXPECT_EQ(is_ready(c.expected), c.ready) << c.name;
  }
}

TEST(ControlAnswer, OfTheServerIsOneLineOfJson) {
  ServerReport report{.state = ServerState::Reloading,
                      .pid = 7,
                      .wanted = 4,
                      .serving = 3,
                      .generation = 2,
                      .candidate = 3,
                      .uptime = 1999ms,
                      .listeners = {"127.0.0.1:80", "unix:/tmp/a\"b"},
                      .reload = "failed",
                      .reload_generation = 2,
                      .reload_failure = "line\nbreak",
                      .totals = {.requests = 10, .accepted = 5, .shed = 1, .timeouts = 2},
                      .connections = 4,
                      .in_flight = 1};
  for (std::size_t i = 0; i < shm::kTallies; ++i) report.totals.tallies[i] = i;
  EXPECT_EQ(to_json(report),
            R"({"ok":true,"version":")" + std::string(version()) +
                R"(","pid":7,"state":"reloading","ready":true,)"
                R"("workers":{"wanted":4,"serving":3},"generation":2,"candidate":3,)"
                R"("keys":{"phase":"steady","rotations":0},)"
                R"("uptime_seconds":1,"listeners":["127.0.0.1:80","unix:/tmp/a\"b"],)"
                R"("last_reload":{"outcome":"failed","generation":2,"reason":"line\nbreak"},)"
                R"("totals":{"requests":10,"accepted":5,"connections":4,"in_flight":1,)"
                R"("shed":1,"timeouts":2},"tallies":{"bad_requests":0,"long_targets":1,)"
                R"("large_heads":2,"large_bodies":3,"slow_heads":4,"slow_bodies":5,)"
                R"("slow_readers":6,"idle_closed":7,"last_requests":8,"refused_clients":9,)"
                R"("full_queues":10,"full_connections":11,"no_descriptors":12,)"
                R"("broken_responses":13,"unwritable_responses":14,"temp_files":15,)"
                R"("no_temp_files":16,"rate_limited":17,"evicted":18}})");
}

TEST(ControlAnswer, OfTheWorkersHasWhyEachEnds) {
  constexpr SteadyTime kNow{1h};
  shm::Slot slot{};
  slot.requests = 12;
  slot.rss = 2048;
  const WorkerView view{.slot = 3,
                        .state = WorkerState::Serving,
                        .generation = 2,
                        .since = {},
                        .beat = kNow - 40ms,
                        .wants = Reason::MaxRequests};
  const WorkerReport reports[] = {{view, 4711, kNow - 61s, &slot}};
  EXPECT_EQ(to_json(reports, kNow),
            R"({"ok":true,"workers":[{"slot":3,"pid":4711,"generation":2,"state":"serving",)"
            R"("age_seconds":61,"beat_age_ms":40,"connections":0,"in_flight":0,"requests":12,)"
            R"("accepted":0,"wedged":0,"rss_kib":2048,"shed":0,"timeouts":0,)"
            R"("reason":")" +
                std::string(to_string(Reason::MaxRequests)) + R"("}]})");
  EXPECT_EQ(to_json(std::span<const WorkerReport>{}, kNow), R"({"ok":true,"workers":[]})");
}

}  // namespace
}  // namespace tollgate::master
