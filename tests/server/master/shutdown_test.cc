// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "server/base/exit_code.h"
#include "server/base/text.h"
#include "tests/server/master/fake_server.h"
#include "tests/server/os/temporary_folder.h"

namespace tollgate::master {
namespace {

Config with_workers(uint32_t workers) {
  Config config;
  config.workers = workers;
  return config;
}

// Serves, but has so much to finish that it never ends by itself.
int drain_for_ever(FakeWorker& worker) {
  worker.be_ready();
  if (worker.obey() != 0) return 1;
  FakeWorker::hang();
}

class GracefulSignal : public testing::TestWithParam<int> {};

TEST_P(GracefulSignal, DrainsEveryWorkerAndEndsWith0) {
  const TemporaryFolder folder;
  Config config = with_workers(2);
  config.pidfile = folder.file("pid");
  FakeServer server({.config = config, .bind = {"unix:" + folder.file("x.sock")}});
  server.await("line");
  EXPECT_TRUE(std::filesystem::exists(folder.file("pid")));
  EXPECT_TRUE(std::filesystem::exists(folder.file("x.sock")));
  server.signal(GetParam());
  EXPECT_NE(server.await("drain").slot, server.await("drain").slot);
  EXPECT_EQ(server.exit_code(), 0);
  EXPECT_FALSE(std::filesystem::exists(folder.file("pid")));
  EXPECT_FALSE(std::filesystem::exists(folder.file("x.sock")));
}

INSTANTIATE_TEST_SUITE_P(Shutdown, GracefulSignal, testing::Values(SIGTERM, SIGINT));

TEST(Shutdown, ADrainThatTakesTooLongIsEnded) {
  Config config = with_workers(1);
  config.graceful_timeout = 100ms;
  FakeServer server({.config = config, .worker_main = drain_for_ever});
  server.await("line");
  const auto begin = std::chrono::steady_clock::now();
  server.signal(SIGTERM);
  EXPECT_EQ(server.exit_code(), 0);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 100ms + kGrace);
}

TEST(Shutdown, ASecondTermIsQuick) {
  FakeServer server({.config = with_workers(1), .worker_main = drain_for_ever});
  server.await("line");
  server.signal(SIGTERM);
  server.await("drain");
  server.signal(SIGTERM);
  EXPECT_EQ(server.exit_code(5s), 0);  // a drain may take 30 s
}

TEST(Shutdown, QuitTellsWorkersToEndAtOnce) {
  FakeServer server({.config = with_workers(2)});
  server.await("line");
  server.signal(SIGQUIT);
  server.await("quit");
  server.await("quit");
  EXPECT_EQ(server.exit_code(5s), 0);
}

TEST(Shutdown, QuitKillsWhoDoesNotListen) {
  FakeServer server({.config = with_workers(1), .worker_main = [](FakeWorker& worker) -> int {
                       worker.be_ready();
                       FakeWorker::hang();
                     }});
  server.await("line");
  server.signal(SIGQUIT);
  EXPECT_EQ(server.exit_code(5s), 0);
}

TEST(Shutdown, AWorkerThatBootsDoesNotHoldItUp) {
  FakeServer server(
      {.config = with_workers(1), .worker_main = [](FakeWorker&) -> int { FakeWorker::hang(); }});
  server.await("boot");
  server.signal(SIGTERM);
  EXPECT_EQ(server.exit_code(5s), 0);
}

TEST(Shutdown, TheMasterIsNotDeafDuringAReload) {
  FakeServer server({.config = with_workers(1), .worker_main = [](FakeWorker& worker) {
                       if (worker.start().generation == 2) FakeWorker::hang();
                       return serve(worker);
                     }});
  server.await("line");
  server.signal(SIGHUP);
  EXPECT_EQ(server.await("boot").generation, 2U);
  const auto begin = std::chrono::steady_clock::now();
  server.signal(SIGTERM);
  EXPECT_EQ(server.await("drain").generation, 1U);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 100ms);
  EXPECT_EQ(server.exit_code(5s), 0);
}

TEST(Shutdown, AKilledMasterLeavesNoWorker) {
  FakeServer server({.config = with_workers(2), .worker_main = [](FakeWorker& worker) -> int {
                       worker.be_ready();
                       FakeWorker::hang();  // and so does not see its lifeline end
                     }});
  const UniqueFd first = open_pidfd(server.await("ready").pid);
  const UniqueFd second = open_pidfd(server.await("ready").pid);
  server.signal(SIGKILL);
  EXPECT_TRUE(ends(first, 1s));
  EXPECT_TRUE(ends(second, 1s));
}

TEST(Shutdown, OrphansThatMayDrainSeeTheirLifelineEnd) {
  Config config = with_workers(2);
  config.orphans = Orphans::Drain;
  FakeServer server({.config = config, .worker_main = [](FakeWorker& worker) {
                       worker.be_ready();
                       const int code = worker.obey();
                       worker.tell("orphaned");
                       return code;
                     }});
  server.await("line");
  server.signal(SIGKILL);
  EXPECT_NE(server.await("orphaned").pid, server.await("orphaned").pid);
}

// A queued connection learns that nobody will take it when the last copy of the
// listener is closed, and not when the last process ends.
TEST(Shutdown, TheMasterClosesItsListenersAsTheDrainBegins) {
  FakeServer server({.config = with_workers(1), .worker_main = [](FakeWorker& worker) -> int {
                       worker.be_ready();
                       worker.obey();
                       for (const auto& listener : worker.start().listeners) listener->close();
                       FakeWorker::hang();
                     }});
  const std::string line = server.await("line").text;
  const std::string_view port = std::string_view(line).substr(line.rfind(':') + 1);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  name.sin_port = htons(static_cast<uint16_t>(*parse_uint(port.substr(0, port.find(';')))));
  const UniqueFd client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(connect(client.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  server.signal(SIGTERM);
  pollfd watched{.fd = client.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&watched, 1, 5000), 1);
}

TEST(Shutdown, APidFileOfARunningServerStopsTheStart) {
  const TemporaryFolder folder;
  Config config = with_workers(1);
  config.pidfile = folder.file("pid");
  FakeServer first({.config = config});
  first.await("line");
  FakeServer second({.config = config});
  EXPECT_EQ(second.exit_code(), kExitRuntime);
  first.signal(SIGTERM);
  EXPECT_EQ(first.exit_code(), 0);
}

}  // namespace
}  // namespace tollgate::master
