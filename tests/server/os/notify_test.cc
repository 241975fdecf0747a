// SPDX-License-Identifier: Apache-2.0
#include "server/os/notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "server/base/unique_fd.h"
#include "tests/server/os/temporary_folder.h"

namespace tollgate::os {
namespace {

using namespace std::chrono_literals;

// systemd's end of the socket.
class Manager {
 public:
  explicit Manager(const std::string& name) : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    std::memcpy(un.sun_path, name.data(), name.size());
    if (name.front() == '@') un.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<const sockaddr*>(&un), size), 0);
  }
  std::string next() const {
    char buffer[512];
    const ssize_t got = recv(fd_.get(), buffer, sizeof buffer, 0);
    return got < 0 ? "" : std::string(buffer, static_cast<std::size_t>(got));
  }

 private:
  UniqueFd fd_;
};

TEST(Notifier, TellsEachStateInSystemdsWords) {
  const TemporaryFolder folder;
  const Manager manager(folder.file("notify"));
  const Notifier notifier(folder.file("notify"));
  EXPECT_TRUE(notifier.ready("4 workers"));
  EXPECT_EQ(manager.next(), "READY=1\nSTATUS=4 workers");
  notifier.status("degraded");
  EXPECT_EQ(manager.next(), "STATUS=degraded");
  notifier.reloading(SteadyTime(1500ms));
  EXPECT_EQ(manager.next(), "RELOADING=1\nMONOTONIC_USEC=1500000\nSTATUS=Reloading");
  notifier.main_pid(4711);
  EXPECT_EQ(manager.next(), "MAINPID=4711");
  notifier.stopping(30s);
  EXPECT_EQ(manager.next(), "STOPPING=1\nEXTEND_TIMEOUT_USEC=30000000\nSTATUS=Draining");
  notifier.watchdog();
  EXPECT_EQ(manager.next(), "WATCHDOG=1");
}

TEST(Watchdog, IsWantedByThisProcessAlone) {
  struct Case {
    const char* usec;
    const char* pid;
    std::optional<milliseconds> expected;
  };
  const Case cases[] = {
      {nullptr, nullptr, std::nullopt},
      {nullptr, "7", std::nullopt},
      {"30000000", nullptr, 30s},
      {"30000000", "7", 30s},
      {"30000000", "8", std::nullopt},
      {"30000000", "", std::nullopt},
      {"0", nullptr, std::nullopt},
      {"-1", nullptr, std::nullopt},
      {"1500000", "7", 1500ms},
      {"soon", "7", std::nullopt},
      {"18446744073709551615", "7", std::nullopt},
  };
  for (const Case& c : cases)
    EXPECT_EQ(watchdog_interval(c.usec, c.pid, 7), c.expected)
        << (c.usec ? c.usec : "-") << ' ' << (c.pid ? c.pid : "-");
}

TEST(Notifier, AnAbstractSocketIsReached) {
  const std::string name = "@tollgate-notify-" + std::to_string(getpid());
  const Manager manager(name);
  Notifier(name).status("x");
  EXPECT_EQ(manager.next(), "STATUS=x");
}

TEST(Notifier, WhereNobodyListensNothingHappens) {
  for (const std::string& name :
       {std::string(), std::string("/nonexistent/notify"), std::string(500, 'x')}) {
    const Notifier notifier(name);
    EXPECT_TRUE(notifier.ready("x")) << name;  // to say it again would not help
    notifier.status("x");
  }
}

// A lost STATUS is followed by others; without READY the service never becomes active.
TEST(Notifier, AReadyThatAFullSocketRefusesIsToBeSaidAgain) {
  const TemporaryFolder folder;
  const Manager manager(folder.file("notify"));
  const Notifier notifier(folder.file("notify"));
  int taken = 0;
  while (notifier.ready("x")) ASSERT_LT(++taken, 100'000);
  EXPECT_FALSE(notifier.ready("x"));
  EXPECT_EQ(manager.next(), "READY=1\nSTATUS=x");
  EXPECT_TRUE(notifier.ready("x"));
}

}  // namespace
}  // namespace tollgate::os
