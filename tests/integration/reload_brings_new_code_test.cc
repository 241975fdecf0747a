// A reload brings the application that is in the file now, and until then nobody runs it.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

TEST(Reload, BringsTheNewApplication) {
  const Site site;
  const std::string application = site.directory() / "application.so";
  std::filesystem::copy_file(TEST_APPLICATIONS "/libtest_version_1.so", application);
  ServerProcess server(site, {"serve", "--workers", "2", application});
  EXPECT_EQ(get(server.address(), "/version").body, "1");
  // As a deployment does it: never a half-written file under the name.
  std::filesystem::copy_file(TEST_APPLICATIONS "/libtest_version_2.so", application + ".new");
  std::filesystem::rename(application + ".new", application);
  EXPECT_EQ(get(server.address(), "/version").body, "1");  // a generation pins its application
  server.signal(SIGHUP);
  ASSERT_TRUE(server.log().wait_for("reload: done")) << server.log().text();
  EXPECT_EQ(get(server.address(), "/version").body, "2");
}

// A deployment that copies over the file, as it should not, and is interrupted half way.
TEST(Reload, NeverLetsAHalfCopiedApplicationReachAnOldGeneration) {
  const Site site;
  const std::string application = site.directory() / "application.so";
  std::filesystem::copy_file(TEST_APPLICATIONS "/libtest_version_1.so", application);
  ServerProcess server(site, {"serve", "--workers", "2", application});
  const std::string next = read_file(TEST_APPLICATIONS "/libtest_version_2.so");
  write_file(application, std::string_view(next).substr(0, next.size() / 2));

  const auto kill_one = [&server] {
    const pid_t victim = server.workers().front();
    ASSERT_EQ(kill(victim, SIGKILL), 0);
    ASSERT_TRUE(server.wait_for_workers(2, {victim})) << server.log().text();
  };
  kill_one();
  EXPECT_EQ(get(server.address(), "/version").body, "1");
  const std::size_t mark = server.log().mark();
  server.signal(SIGHUP);
  const auto abandoned = server.log().wait_for("is abandoned, generation 1 goes on", mark);
  ASSERT_TRUE(abandoned) << server.log().text();
  EXPECT_NE(abandoned->text.find("is cut short"), std::string::npos) << abandoned->text;
  kill_one();
  kill_one();
  EXPECT_EQ(get(server.address(), "/version").body, "1");

  write_file(application, next);  // the other half has come
  server.signal(SIGHUP);
  ASSERT_TRUE(server.log().wait_for("reload: done")) << server.log().text();
  EXPECT_EQ(get(server.address(), "/version").body, "2");
}

TEST(Reload, OfAMissingApplicationFileKeepsTheOldOne) {
  const Site site;
  const std::string application = site.directory() / "application.so";
  std::filesystem::copy_file(TEST_APPLICATIONS "/libtest_version_1.so", application);
  ServerProcess server(site, {"serve", "--workers", "1", application});
  std::filesystem::remove(application);
  server.signal(SIGHUP);
  ASSERT_TRUE(server.log().wait_for("reload: nothing was changed: ")) << server.log().text();
  EXPECT_EQ(get(server.address(), "/version").body, "1");
}

}  // namespace
}  // namespace tollgate::test
