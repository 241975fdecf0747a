// An application's hooks are called once in each worker, where and when the header says.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

constexpr const char* kApplication = TEST_APPLICATIONS "/libtest_hooks.so";

// The hooks of the log, in the order of their lines: "define, start 1".
std::string hooks_of(const ServerProcess& server) {
  std::string out;
  for (const std::string& line : server.log().lines()) {
    constexpr std::string_view kMark = "hook: ";
    const auto hook = line.find(kMark);
    if (hook == std::string::npos) continue;
    if (!out.empty()) out += ", ";
    out += line.substr(hook + kMark.size());
  }
  return out;
}

Finished fail_at(const Site& site, const char* command, const char* where) {
  Command line = site.server({command, kApplication});
  line.environment = {std::string("HOOKS_FAIL=") + where};
  return run(line);
}

TEST(Hooks, AreCalledInTheOrderOfAWorkersLife) {
  const Site site;
  for (const bool dev : {false, true}) {
    std::vector<std::string> line = {dev ? "dev" : "serve", kApplication};
    if (!dev) line.insert(line.end(), {"--workers", "1"});
    ServerProcess server(site, line);
    ASSERT_TRUE(server.log().wait_for("hook: ready")) << server.log().text();
    EXPECT_EQ(get(server.address(), "/plain").status, 200);
    EXPECT_EQ(hooks_of(server), "define, start 1, start 2, ready");
    server.stop();
    EXPECT_EQ(hooks_of(server), "define, start 1, start 2, ready, stop 2, stop 1");
  }
}

TEST(Hooks, ThatFailAtTheStartKeepTheServerFromStarting) {
  const Site site;
  for (const char* command : {"serve", "dev"}) {
    const Finished ended = fail_at(site, command, "start 1");
    EXPECT_EQ(ended.status.code, 3) << ended.err;
    EXPECT_NE(ended.err.find("on_worker_start threw: no luck"), std::string::npos) << ended.err;
    EXPECT_EQ(ended.err.find("hook: start 2"), std::string::npos) << ended.err;
    EXPECT_EQ(ended.err.find("hook: stop"), std::string::npos) << ended.err;
  }
}

TEST(Hooks, ThatFailLaterAreLogged) {
  const Site site;
  for (const char* where : {"ready", "stop 2"}) {
    Command line = site.server({"serve", "--workers", "1", kApplication});
    line.environment = {std::string("HOOKS_FAIL=") + where};
    ServerProcess server(line);
    EXPECT_EQ(get(server.address(), "/plain").status, 200);
    server.stop();
    EXPECT_NE(server.log().text().find(" threw: no luck"), std::string::npos)
        << server.log().text();
    EXPECT_NE(hooks_of(server).find("stop 2, stop 1"), std::string::npos) << hooks_of(server);
  }
}

// A request that is under way when the worker is told to end is answered first.
TEST(Hooks, OfTheEndComeBehindTheLastAnswer) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "1", "--access-logfile", "-", kApplication});
  HttpClient client(server.address());
  ASSERT_EQ(client.exchange("GET", "/plain")->status, 200);
  server.signal(SIGTERM);
  ASSERT_TRUE(server.log().wait_for("drains (shutdown)"));
  const auto last = client.exchange("GET", "/plain");  // an open connection gets one more answer
  ASSERT_TRUE(last) << to_string(last.error());
  EXPECT_EQ(hooks_of(server).find("stop"), std::string::npos);
  EXPECT_TRUE(client.is_closed());
  EXPECT_TRUE(server.log().wait_for("hook: stop 1"));
  server.expect_end({.code = 0});
}

}  // namespace
}  // namespace tollgate::test
