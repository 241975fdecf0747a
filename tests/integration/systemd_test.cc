// What systemd is told, by a socket that stands for it; and the files of the service.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>
#include <memory>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

// systemd's end of NOTIFY_SOCKET.
class Manager {
 public:
  explicit Manager(const std::string& path) : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.data(), path.size());
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  }

  // The next message, or "" if none comes in time.
  std::string next(milliseconds patience = kPatience) const {
    pollfd watched{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    if (poll(&watched, 1, static_cast<int>(patience.count())) != 1) return "";
    char buffer[4096];
    const ssize_t got = recv(fd_.get(), buffer, sizeof buffer, 0);
    return got < 0 ? "" : std::string(buffer, static_cast<std::size_t>(got));
  }
  // Passes over others until one contains `part`; "" if it does not come.
  std::string await(std::string_view part) const {
    for (const Deadline deadline(kPatience); !deadline.passed();) {
      std::string message = next(milliseconds(deadline.poll_timeout()));
      if (message.find(part) != std::string::npos) return message;
    }
    return "";
  }
  // Whether nothing like it comes for so long.
  bool is_silent_of(std::string_view part, milliseconds time) const {
    for (const Deadline deadline(time); !deadline.passed();)
      if (next(milliseconds(deadline.poll_timeout())).find(part) != std::string::npos) return false;
    return true;
  }

 private:
  UniqueFd fd_;
};

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
  const Manager manager_{socket_};
};

TEST_F(Systemd, IsToldOfReadinessReloadAndEnd) {
  write_file(site_.directory() / "tollgate.toml", "threads = 1\n");
  const auto server = serve({"--workers", "2", "--graceful-timeout", "7s"});
  EXPECT_NE(manager_.await("READY=1").find("STATUS=2 workers, generation 1"), std::string::npos);
  server->signal(SIGHUP);
  const std::string reloading = manager_.await("RELOADING=1");
  EXPECT_NE(reloading.find("\nMONOTONIC_USEC="), std::string::npos) << reloading;
  const std::string reloaded = manager_.await("READY=1");
  EXPECT_NE(reloaded.find("generation 2"), std::string::npos) << reloaded;

  write_file(site_.directory() / "tollgate.toml", "wrokers = 1\n");
  server->signal(SIGHUP);
  EXPECT_NE(manager_.await("RELOADING=1"), "");
  const std::string failed = manager_.await("READY=1");
  EXPECT_NE(failed.find("the last reload failed"), std::string::npos) << failed;

  server->stop();
  const std::string stopping = manager_.await("STOPPING=1");
  EXPECT_NE(stopping.find("\nEXTEND_TIMEOUT_USEC=9000000\n"), std::string::npos) << stopping;
}

// A worker more is wanted than serves: systemd hears of both.
TEST_F(Systemd, HearsOfEveryChange) {
  const auto server = serve({"--workers", "1"});
  manager_.await("READY=1");
  server->signal(SIGTTIN);
  EXPECT_NE(manager_.await("STATUS=2 workers, generation 1; 1 serve"), "");
  EXPECT_NE(manager_.await("STATUS=2 workers, generation 1"), "");
}

// One of three that never is ready must not hold up what waits for this service.
TEST_F(Systemd, IsToldReadyByAQuorum) {
  const auto server = serve({"--workers", "3"});
  const std::string ready = manager_.await("READY=1");
  EXPECT_TRUE(ready.find("STATUS=3 workers, generation 1") != std::string::npos) << ready;
}

TEST_F(Systemd, WatchdogIsFedOnlyWhileAQuorumBeats) {
  // `timeout` is for hung workers: here systemd has to find them.
  const auto server = serve({"--workers", "2", "--timeout", "0"}, {"WATCHDOG_USEC=1000000"});
  for (int i = 0; i < 3; ++i) ASSERT_NE(manager_.await("WATCHDOG=1"), "");
  const std::vector<pid_t> workers = server->workers();
  ASSERT_EQ(workers.size(), 2U);
  ASSERT_EQ(kill(workers[0], SIGSTOP), 0);
  // A beat may be a second old: pings may come for as long.
  Deadline still(bound(1500ms));
  while (!still.passed()) manager_.next(milliseconds(still.poll_timeout()));
  EXPECT_TRUE(manager_.is_silent_of("WATCHDOG=1", 1500ms));
  ASSERT_EQ(kill(workers[0], SIGCONT), 0);
  EXPECT_NE(manager_.await("WATCHDOG=1"), "");
}

TEST_F(Systemd, WatchdogOfAnotherProcessIsNotFed) {
  const auto server = serve({"--workers", "1"}, {"WATCHDOG_USEC=200000", "WATCHDOG_PID=1"});
  manager_.await("READY=1");
  EXPECT_TRUE(manager_.is_silent_of("WATCHDOG=1", 500ms));
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
