// The development server: one process, one handler at a time, new code when the file changes.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

constexpr milliseconds kBlock = 200ms;

// How long two blocking requests take that are sent at once.
milliseconds time_of_two(const Address& address) {
  HttpClient first(address);
  HttpClient second(address);
  const Stopwatch watch;
  first.send(request("GET", "/block/200"));
  second.send(request("GET", "/block/200"));
  EXPECT_EQ(first.receive()->body, "blocked for 200 ms\n");
  EXPECT_EQ(second.receive()->body, "blocked for 200 ms\n");
  return watch.elapsed();
}

TEST(DevelopmentServer, SaysWhatItIs) {
  const Site site;
  const ServerProcess server(site, {"dev", demo_application()});
  const std::string log = server.log().text();
  EXPECT_NE(log.find("this is the development server: one process, one handler at a time, "
                     "not for production"),
            std::string::npos)
      << log;
  EXPECT_NE(log.find("restarts when " + demo_application() + " changes"), std::string::npos) << log;
  EXPECT_EQ(get(server.address(), "/plain").body, "Hello, World!");
}

TEST(DevelopmentServer, NeedsNoSettings) {
  const Site site;  // for its directory alone
  const ServerProcess server(site.command({"dev", "--bind", "127.0.0.1:0"}));
  EXPECT_EQ(get(server.address(), "/plain").status, 200);
  EXPECT_EQ(get(server.address(), "/api/me", bearer(site.token(1))).status, 401);
  EXPECT_TRUE(std::filesystem::exists(site.directory() / "tollgate-dev.db"));
}

TEST(DevelopmentServer, RunsOneHandlerAtATimeAndProductionSeveral) {
  const Site site;
  {
    // However many threads there could be.
    const ServerProcess server(site, {"dev", "--threads", "4", demo_application()});
    EXPECT_GE(time_of_two(server.address()), 2 * kBlock);
  }
  if (times_count()) {
    const ServerProcess server(site, {"serve", "--workers", "1", "--threads", "4"});
    EXPECT_LT(time_of_two(server.address()), 2 * kBlock);
  }
}

// An application's file, and what a build does to it.
class Rebuild : public testing::Test {
 protected:
  Rebuild() { build("version_1"); }
  void build(const std::string& name) const {
    put(read_file(TEST_APPLICATIONS "/libtest_" + name + ".so"));
  }
  void put(const std::string& content) const {
    write_file(application_ + ".new", content);
    std::filesystem::rename(application_ + ".new", application_);
  }

  const Site site_;
  const std::string application_ = site_.directory() / "application.so";
};

TEST_F(Rebuild, RestartsTheServerAndKeepsItsSocket) {
  const ServerProcess server(site_, {"dev", application_});
  EXPECT_EQ(get(server.address(), "/version").body, "1");
  for (const char* version : {"2", "1"}) {
    const std::size_t mark = server.log().mark();
    build(std::string("version_") + version);
    const auto ready = server.log().wait_for("is ready: listening on ", mark);
    ASSERT_TRUE(ready) << server.log().text();
    // The same port, which nobody could have taken meanwhile.
    EXPECT_NE(ready->text.find(to_string(server.address())), std::string::npos) << ready->text;
    EXPECT_EQ(get(server.address(), "/version").body, version);
  }
}

TEST_F(Rebuild, OfAServerWithoutSettingsRestartsItToo) {
  build("version_1");
  const ServerProcess server(site_.command({"dev", "--bind", "127.0.0.1:0", application_}));
  std::filesystem::copy_file(demo_application(), application_ + ".new");
  const std::size_t mark = server.log().mark();
  std::filesystem::rename(application_ + ".new", application_);  // needs a key and a database
  ASSERT_TRUE(server.log().wait_for("is ready: listening on ", mark)) << server.log().text();
  EXPECT_EQ(get(server.address(), "/plain").status, 200);
}

TEST_F(Rebuild, RestartsAServerWhoseApplicationStandsBehindTwoDashes) {
  const ServerProcess server(site_.command({"dev", "--bind", "127.0.0.1:0", "--", application_}));
  for (const char* version : {"2", "1"}) {
    const std::size_t mark = server.log().mark();
    build(std::string("version_") + version);
    ASSERT_TRUE(server.log().wait_for("is ready: listening on ", mark)) << server.log().text();
    EXPECT_EQ(get(server.address(), "/version").body, version);
  }
}

TEST_F(Rebuild, ThatIsBrokenLeavesTheOldOneRunning) {
  const ServerProcess server(site_, {"dev", application_});
  std::size_t mark = server.log().mark();
  put("half a file");
  ASSERT_TRUE(server.log().wait_for("the server goes on with the old one", mark))
      << server.log().text();
  EXPECT_EQ(get(server.address(), "/version").body, "1");
  mark = server.log().mark();
  build("throws");
  ASSERT_TRUE(server.log().wait_for("the flux capacitor is missing", mark)) << server.log().text();
  ASSERT_TRUE(server.log().wait_for("the server goes on with the old one", mark));
  EXPECT_EQ(get(server.address(), "/version").body, "1");
  // And it has not stopped looking.
  mark = server.log().mark();
  build("version_2");
  ASSERT_TRUE(server.log().wait_for("is ready: listening on ", mark)) << server.log().text();
  EXPECT_EQ(get(server.address(), "/version").body, "2");
}

TEST_F(Rebuild, KeepsTheSettingsAndTheUnixSocket) {
  const std::string socket = "unix:" + site_.directory() / "socket";
  ServerProcess server(site_, {"dev", "--bind", socket, application_});
  const std::size_t mark = server.log().mark();
  build("version_2");
  ASSERT_TRUE(server.log().wait_for("is ready: listening on " + socket, mark))
      << server.log().text();
  EXPECT_EQ(get(server.address(), "/version").body, "2");
}

TEST(DevelopmentServer, EndsByCtrlCWithoutWaitingForIdleConnections) {
  const Site site;
  ServerProcess server(site, {"dev", "--keep-alive", "1h"});
  HttpClient idle(server.address());
  ASSERT_EQ(idle.exchange("GET", "/plain")->status, 200);
  server.signal(SIGINT);
  server.expect_end({.code = 0});
}

}  // namespace
}  // namespace tollgate::test
