// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "server/base/exit_code.h"
#include "server/os/small_file.h"
#include "tests/server/master/fake_server.h"
#include "tests/server/os/temporary_folder.h"

namespace tollgate::master {
namespace {

Config with_workers(uint32_t workers) {
  Config config;
  config.workers = workers;
  return config;
}

// Which workers serve, as the events tell.
struct Serving {
  std::multiset<uint32_t> generations;

  void take(const Event& event) {
    if (event.what == "ready") generations.insert(event.generation);
    if (event.what == "drain") generations.erase(generations.find(event.generation));
  }
  int of(uint32_t generation) const { return static_cast<int>(generations.count(generation)); }
};

// Shows that the server has its worker and only this one, and that the master answers.
void expect_untouched(FakeServer& server, const Event& worker) {
  server.signal(SIGUSR1);
  const Event answer = server.next();
  EXPECT_EQ(answer.what, "reopen");
  EXPECT_EQ(answer.pid, worker.pid);
  EXPECT_EQ(answer.generation, 1U);
}

TEST(Reload, ReplacesAllAndNeverHasFewerServing) {
  FakeServer server({.config = with_workers(3)});
  Serving serving;
  for (Event event = server.next(); event.what != "line"; event = server.next())
    serving.take(event);
  ASSERT_EQ(serving.of(1), 3);
  server.signal(SIGHUP);
  while (serving.of(1) > 0 || serving.of(2) < 3) {
    const Event event = server.next();
    ASSERT_FALSE(event.what.empty());
    serving.take(event);
    EXPECT_GE(serving.generations.size(), 3U);
  }
}

TEST(Reload, ABadConfigurationChangesNothing) {
  FakeServer server({.config = with_workers(1), .read_config = []() -> Result<Config> {
                       return fail(Errc::InvalidArgument, "line 3: no such key");
                     }});
  const Event worker = server.await("ready");
  server.await("line");
  server.signal(SIGHUP);
  expect_untouched(server, worker);
}

TEST(Reload, AnApplicationThatIsGoneChangesNothing) {
  const TemporaryFolder folder;
  std::ofstream(folder.file("app.so")) << "code";
  FakeServer server({.config = with_workers(1), .application = folder.file("app.so")});
  const Event worker = server.await("ready");
  server.await("line");
  std::filesystem::remove(folder.file("app.so"));
  server.signal(SIGHUP);
  expect_untouched(server, worker);
}

struct BadBoot {
  const char* name;
  int (*boot)(FakeWorker&);
};

class AbandonedReload : public testing::TestWithParam<BadBoot> {};

TEST_P(AbandonedReload, KeepsTheOldGenerationAndTriesOnce) {
  Config config = with_workers(1);
  config.boot_timeout = 500ms;
  FakeServer server({.config = config, .worker_main = [](FakeWorker& worker) {
                       if (worker.start().generation == 2) return GetParam().boot(worker);
                       return serve(worker);
                     }});
  const Event worker = server.await("ready");
  server.await("line");
  server.signal(SIGHUP);
  const Event canary = server.await("boot");
  EXPECT_EQ(canary.generation, 2U);
  const UniqueFd pidfd = open_pidfd(canary.pid);
  if (pidfd.valid()) {
    EXPECT_TRUE(ends(pidfd, 5s));
  }
  expect_untouched(server, worker);
  // What the next reload brings is generation 3, and nothing of 2 has come between.
  server.signal(SIGHUP);
  for (Event event = server.next(); event.what != "ready"; event = server.next())
    ASSERT_EQ(event.generation, 3U) << event.what;
  EXPECT_EQ(server.await("drain").pid, worker.pid);
}

INSTANTIATE_TEST_SUITE_P(
    Reload, AbandonedReload,
    testing::Values(BadBoot{"ExitCode4", [](FakeWorker&) -> int { return kExitApplication; }},
                    BadBoot{"Crash",
                            [](FakeWorker&) -> int {
                              raise(SIGKILL);
                              return 0;
                            }},
                    BadBoot{"BootTimeout", [](FakeWorker&) -> int { FakeWorker::hang(); }}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Reload, BringsTheNewCountOfWorkers) {
  FakeServer server({.config = with_workers(1),
                     .read_config = []() -> Result<Config> { return with_workers(3); }});
  server.await("line");
  server.signal(SIGHUP);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(server.await("ready").generation, 2U);
}

TEST(Reload, KeepsWhatTtinMadeOfTheCount) {
  FakeServer server({.config = with_workers(1)});
  server.await("line");
  server.signal(SIGTTIN);
  server.await("ready");
  server.signal(SIGHUP);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(server.await("ready").generation, 2U);
}

TEST(Reload, AGenerationPinsItsConfigurationAndItsApplication) {
  const TemporaryFolder folder;
  const std::string path = folder.file("app.so");
  std::ofstream(path) << "old code";
  Config later = with_workers(1);
  later.threads = 7;
  FakeServer server({.config = with_workers(1),
                     .worker_main =
                         [](FakeWorker& worker) {
                           const auto code = os::read_small_file(
                               "/proc/self/fd/" + std::to_string(worker.start().application_fd));
                           worker.tell("loads", code.value_or("nothing") + ", threads " +
                                                    std::to_string(worker.start().config.threads));
                           return serve(worker);
                         },
                     .read_config = [later]() -> Result<Config> { return later; },
                     .application = path});
  EXPECT_EQ(server.await("loads").text, "old code, threads 1");
  const Event first = server.await("ready");
  server.await("line");
  std::ofstream(path) << "new code";
  kill(first.pid, SIGKILL);
  EXPECT_EQ(server.await("loads").text, "old code, threads 1");
  server.await("ready");
  server.signal(SIGHUP);
  EXPECT_EQ(server.await("loads").text, "new code, threads 7");
}

TEST(Reload, AWorkerKilledInTheMiddleIsReplaced) {
  FakeServer server({.config = with_workers(2), .worker_main = [](FakeWorker& worker) {
                       if (worker.start().generation == 2) FakeWorker::hang();
                       return serve(worker);
                     }});
  const Event victim = server.await("ready");
  server.await("line");
  server.signal(SIGHUP);
  EXPECT_EQ(server.await("boot").generation, 2U);
  kill(victim.pid, SIGKILL);
  EXPECT_EQ(server.await("ready").generation, 1U);
}

TEST(Reload, ASecondOneOvertakesTheFirst) {
  FakeServer server({.config = with_workers(1), .worker_main = [](FakeWorker& worker) {
                       if (worker.start().generation == 2) FakeWorker::hang();
                       return serve(worker);
                     }});
  server.await("line");
  server.signal(SIGHUP);
  EXPECT_EQ(server.await("boot").generation, 2U);
  server.signal(SIGHUP);
  EXPECT_EQ(server.await("ready").generation, 3U);
  EXPECT_EQ(server.await("drain").generation, 1U);
}

}  // namespace
}  // namespace tollgate::master
