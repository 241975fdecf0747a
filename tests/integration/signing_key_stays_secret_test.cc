// A key that came in the environment is in nobody's environment while the server runs.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

void expect_no_key(const ServerProcess& server, const std::string& key) {
  std::vector<pid_t> processes = server.workers();
  EXPECT_EQ(processes.size(), 2u);
  processes.push_back(server.pid());
  for (const pid_t pid : processes) {
    const std::string environment = read_file("/proc/" + std::to_string(pid) + "/environ");
    EXPECT_NE(environment.find("PATH="), std::string::npos) << pid;
    EXPECT_EQ(environment.find(key), std::string::npos) << pid;
  }
}

TEST(SigningKey, OfTheEnvironmentIsInNoProcesssEnvironment) {
  const Site site;
  Command command = site.command(
      {"serve", "--bind", "127.0.0.1:0", "--workers", "2", "--database", site.database()});
  command.environment = {"TOLLGATE_SIGNING_KEY=" + site.key()};
  const ServerProcess server(command);
  const Fields token = bearer(site.token(1));
  ASSERT_TRUE(server.wait_for_workers(2));
  EXPECT_EQ(get(server.address(), "/api/me", token).status, 200);
  expect_no_key(server, site.key());

  const std::vector<pid_t> old = server.workers();
  server.signal(SIGHUP);
  ASSERT_TRUE(server.log().wait_for("reload: done")) << server.log().text();
  ASSERT_TRUE(server.wait_for_workers(2, old)) << server.log().text();
  EXPECT_EQ(get(server.address(), "/api/me", token).status, 200);
  expect_no_key(server, site.key());
}

// The master has given its key away, and so cannot tell whether another one is set.
TEST(SigningKey, IsNoChangeOfAReload) {
  const Site site;
  const std::string file = site.directory() / "settings.toml";
  write_file(file, "signing_key = \"" + site.key() + "\"\n");
  chmod(file.c_str(), 0600);
  const ServerProcess server(site.command({"serve", "--bind", "127.0.0.1:0", "--workers", "1",
                                           "--database", site.database(), "--config", file}));
  server.signal(SIGHUP);
  ASSERT_TRUE(server.log().wait_for("reload: done")) << server.log().text();
  EXPECT_TRUE(server.log().wait_for("reload: no setting has changed", 0, 0ms));
  EXPECT_EQ(server.log().text().find("signing_key"), std::string::npos) << server.log().text();
}

}  // namespace
}  // namespace tollgate::test
