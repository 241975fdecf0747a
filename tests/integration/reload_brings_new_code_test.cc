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

}  // namespace
}  // namespace tollgate::test
