// What systemd is told, by a socket that stands for it; and the files of the service.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "tests/support/fake_systemd.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

class Systemd : public testing::Test {
 protected:
  std::unique_ptr<ServerProcess> serve(std::vector<std::string> arguments,
                                       const std::vector<std::string>& variables = {}) const {
    arguments.insert(arguments.begin(), "serve");
    Command command = site_.server(std::move(arguments));
    command.environment = variables;
    command.environment.push_back("NOTIFY_SOCKET=" + socket_);
    return std::make_unique<ServerProcess>(command);
  }

  const Site site_;
  const std::string socket_ = site_.directory() / "notify";
  const FakeSystemd systemd_{socket_};
};

TEST_F(Systemd, IsToldOfReadinessReloadAndEnd) {
  write_file(site_.directory() / "tollgate.toml", "threads = 1\n");
  const auto server = serve({"--workers", "2", "--graceful-timeout", "7s"});
  EXPECT_NE(systemd_.await("READY=1").find("STATUS=2 workers, generation 1"), std::string::npos);
  server->signal(SIGHUP);
  const std::string reloading = systemd_.await("RELOADING=1");
  EXPECT_NE(reloading.find("\nMONOTONIC_USEC="), std::string::npos) << reloading;
  const std::string reloaded = systemd_.await("READY=1");
  EXPECT_NE(reloaded.find("generation 2"), std::string::npos) << reloaded;

  write_file(site_.directory() / "tollgate.toml", "wrokers = 1\n");
  server->signal(SIGHUP);
  EXPECT_NE(systemd_.await("RELOADING=1"), "");
  const std::string failed = systemd_.await("READY=1");
  EXPECT_NE(failed.find("the last reload failed"), std::string::npos) << failed;

  server->stop();
  const std::string stopping = systemd_.await("STOPPING=1");
  EXPECT_NE(stopping.find("\nEXTEND_TIMEOUT_USEC=9000000\n"), std::string::npos) << stopping;
}

// One worker after the other is let in, so that each count of them is seen.
TEST_F(Systemd, IsToldReadyByAQuorumAndNotBefore) {
  const std::string gate = site_.directory() / "gate";
  ASSERT_EQ(mkfifo(gate.c_str(), 0600), 0);
  const UniqueFd keeper(open(gate.c_str(), O_RDWR | O_CLOEXEC));
  const auto let_one_in = [&keeper] { EXPECT_EQ(write(keeper.get(), "fine\n", 5), 5); };
  Command command = site_.server({"serve", TEST_APPLICATIONS "/libtest_boot.so", "--workers", "4"});
  command.environment = {"TEST_BOOT=" + gate, "NOTIFY_SOCKET=" + socket_};
  Process server(command);
  for (const std::string serving : {"; 0 serve", "; 1 serve", "; 2 serve"}) {
    if (serving != "; 0 serve") let_one_in();
    std::string message = systemd_.next();
    EXPECT_EQ(message, "STATUS=4 workers, generation 1" + serving) << server.err().text();
  }
  let_one_in();
  EXPECT_EQ(systemd_.next(), "READY=1\nSTATUS=4 workers, generation 1; 3 serve");
  let_one_in();
  EXPECT_EQ(systemd_.next(), "STATUS=4 workers, generation 1");
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), ExitStatus{.code = 0}) << server.err().text();
}

// A worker more is wanted than serves: systemd hears of both.
TEST_F(Systemd, HearsOfEveryChange) {
  const auto server = serve({"--workers", "1"});
  systemd_.await("READY=1");
  server->signal(SIGTTIN);
  EXPECT_NE(systemd_.await("STATUS=2 workers, generation 1; 1 serve"), "");
  EXPECT_NE(systemd_.await("STATUS=2 workers, generation 1"), "");
}

TEST_F(Systemd, WatchdogIsFedOnlyWhileAQuorumBeats) {
  // `timeout` is for hung workers: here systemd has to find them.
  const auto server = serve({"--workers", "2", "--timeout", "0"}, {"WATCHDOG_USEC=1000000"});
  for (int i = 0; i < 3; ++i) ASSERT_NE(systemd_.await("WATCHDOG=1"), "");
  const std::vector<pid_t> workers = server->workers();
  ASSERT_EQ(workers.size(), 2U);
  ASSERT_EQ(kill(workers[0], SIGSTOP), 0);
  // It is fed twice a second, and a beat may be a second old.
  const Deadline deadline(kPatience);
  while (systemd_.await("WATCHDOG=1", 2s) != "" && !deadline.passed()) {
  }
  EXPECT_FALSE(deadline.passed());
  ASSERT_EQ(kill(workers[0], SIGCONT), 0);
  EXPECT_NE(systemd_.await("WATCHDOG=1"), "");
}

TEST_F(Systemd, WatchdogOfAnotherProcessIsNotFed) {
  const auto server = serve({"--workers", "1"}, {"WATCHDOG_USEC=200000", "WATCHDOG_PID=1"});
  systemd_.await("READY=1");
  EXPECT_EQ(systemd_.await("WATCHDOG=1", 500ms), "");
}

TEST(SystemdUnits, AreFineBySystemdsOwnVerdict) {
  ASSERT_TRUE(std::filesystem::exists("/usr/bin/systemd-analyze"))
      << "systemd-analyze is missing: apt install systemd (scripts/test does)";
  const TempDir folder;
  for (const std::string name : {"tollgate.service", "tollgate.socket"}) {
    // The program need not be installed, but must exist.
    std::string text = read_file(SOURCE_DIR "/systemd/" + name);
    for (auto at = text.find("=tollgate "); at != std::string::npos;
         at = text.find("=tollgate ", at + 1))
      text.replace(at + 1, 8, binary());
    write_file(folder / name, text);
  }
  const Finished verdict =
      run({.arguments = {"/usr/bin/systemd-analyze", "verify", "--man=no",
                         folder / "tollgate.service", folder / "tollgate.socket"},
           .environment = {"SYSTEMD_LOG_LEVEL=warning"}});
  EXPECT_EQ(verdict.status.code, 0) << verdict.err;
  EXPECT_EQ(verdict.err.find("tollgate."), std::string::npos) << verdict.err;
}

}  // namespace
}  // namespace tollgate::test
