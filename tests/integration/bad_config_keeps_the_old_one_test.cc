// A reload that cannot work changes nothing, and says why.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

class BadConfig : public testing::Test {
 protected:
  void write(std::string_view text) const { write_file(file_, text); }
  void reload_and_wait_for(std::string_view complaint) const {
    const std::size_t mark = server_.log().mark();
    server_.signal(SIGHUP);
    EXPECT_TRUE(server_.log().wait_for(complaint, mark)) << server_.log().text();
    EXPECT_EQ(server_.workers(), workers_);
    EXPECT_EQ(get(server_.address(), "/plain").status, 200);
  }

  const Site site_;
  const std::string file_ = site_.directory() / "tollgate.toml";
  const ServerProcess server_{site_, [this] {
                                write("workers = 2\n");
                                return std::vector<std::string>{"serve", "--config", file_};
                              }()};
  const std::vector<pid_t> workers_ = server_.workers();
};

TEST_F(BadConfig, KeepsTheOldOne) {
  ASSERT_EQ(workers_.size(), 2U);
  write("workers = = 3\n");
  reload_and_wait_for("reload: nothing was changed: " + file_ + ":1: ");
  write("workers = 3\nwrokers = 4\nkeepalive = \"soon\"\n");
  reload_and_wait_for(file_ + ":2: unknown setting \"wrokers\"; did you mean \"workers\"?");
  EXPECT_NE(server_.log().text().find(file_ + ":3: keepalive: "), std::string::npos);
  std::filesystem::remove(file_);
  reload_and_wait_for("reload: nothing was changed: ");

  write("workers = 3\n");
  const std::size_t mark = server_.log().mark();
  server_.signal(SIGHUP);
  ASSERT_TRUE(server_.log().wait_for("reload: done, 3 workers", mark)) << server_.log().text();
  EXPECT_TRUE(server_.wait_for_workers(3)) << server_.log().text();
}

// What only a worker can find out, the first worker of the new generation finds out.
TEST_F(BadConfig, IsFoundByTheFirstNewWorker) {
  write("workers = 2\naccess_log_format = \"%(nonsense)s\"\naccesslog = \"-\"\n");
  reload_and_wait_for("is abandoned, generation 1 goes on");
}

TEST(BadKey, KeepsTheOldOne) {
  const Site site;
  const std::string token = site.token(1);
  const ServerProcess server(site, {"serve", "--workers", "2"});
  const auto workers = server.workers();
  write_file(site.directory() / "signing.key", "");
  server.signal(SIGHUP);
  EXPECT_TRUE(server.log().wait_for("reload: nothing was changed: " + site.directory().path()))
      << server.log().text();
  EXPECT_EQ(server.workers(), workers);
  EXPECT_EQ(get(server.address(), "/api/me", bearer(token)).status, 200);
}

TEST(BadApplication, KeepsTheOldOne) {
  const Site site;
  const std::string application = site.directory() / "application.so";
  std::filesystem::copy_file(TEST_APPLICATIONS "/libtest_version_1.so", application);
  const ServerProcess server(site, {"serve", "--workers", "2", application});
  const auto workers = server.workers();
  std::filesystem::copy_file(TEST_APPLICATIONS "/libtest_throws.so", application,
                             std::filesystem::copy_options::overwrite_existing);
  server.signal(SIGHUP);
  const auto abandoned = server.log().wait_for("is abandoned, generation 1 goes on");
  ASSERT_TRUE(abandoned) << server.log().text();
  EXPECT_NE(abandoned->text.find("the flux capacitor is missing"), std::string::npos)
      << abandoned->text;
  EXPECT_EQ(server.workers(), workers);
  EXPECT_EQ(get(server.address(), "/version").body, "1");
}

}  // namespace
}  // namespace tollgate::test
