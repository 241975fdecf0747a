// USR1 during an upgrade: a rotated log must be let go of by both masters.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "tests/integration/upgrade_fixture.h"

namespace tollgate::test {
namespace {

std::string reopened_by(pid_t master) {
  return "[" + std::to_string(master) + "] [INFO] log files reopened";
}

TEST(UpgradeAndLogs, BothMastersReopenThem) {
  UpgradeSite site;
  auto& server = site.server();
  const pid_t next = site.upgrade();
  ASSERT_TRUE(site.in_probation());
  server.signal(SIGUSR1);
  EXPECT_TRUE(server.log().wait_for(reopened_by(server.pid()))) << server.log().text();
  EXPECT_TRUE(server.log().wait_for(reopened_by(next))) << server.log().text();
  site.end();
}

// Until it has its signals in hand it would die of one.
TEST(UpgradeAndLogs, ANewMasterThatStartsIsToldWhenItIsReady) {
  UpgradeSite site;
  auto& server = site.server();
  site.become_script("while [ ! -e GO ]; do sleep 0.02; done; exec BINARY \"$@\"");
  const pid_t next = site.upgrade();
  server.signal(SIGUSR1);
  ASSERT_TRUE(server.log().wait_for(reopened_by(server.pid()))) << server.log().text();
  site.go();
  ASSERT_TRUE(site.in_probation()) << server.log().text();
  EXPECT_TRUE(server.log().wait_for(reopened_by(next))) << server.log().text();
  site.end();
}

// The new one may have other files.
TEST(UpgradeAndLogs, TheNewMasterIsToldThoughTheOldOneCannotReopenItsOwn) {
  UpgradeSite site({}, {.bind_in_file = true});
  auto& server = site.server();
  const std::string settings = read_file(site.file("config.toml"));
  std::filesystem::create_directory(site.file("logs"));
  write_file(site.file("config.toml"),
             settings + "accesslog = \"" + site.file("logs/access.log") + "\"\n");
  server.signal(SIGHUP);
  ASSERT_TRUE(server.log().wait_for("reload: done")) << server.log().text();
  write_file(site.file("config.toml"), settings);
  const pid_t next = site.upgrade();
  ASSERT_TRUE(site.in_probation()) << server.log().text();
  std::filesystem::remove_all(site.file("logs"));
  server.signal(SIGUSR1);
  EXPECT_TRUE(server.log().wait_for("the workers' logs stay where they were"));
  EXPECT_TRUE(server.log().wait_for(reopened_by(next))) << server.log().text();
  site.end();
}

}  // namespace
}  // namespace tollgate::test
