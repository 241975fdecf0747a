// The access log is off unless asked for, has Gunicorn's lines, and survives rotation.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>

#include "tests/support/http_client.h"
#include "tests/support/matches.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

TEST(AccessLog, IsOffByDefault) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "1"});
  get(server.address(), "/plain");
  server.stop();
  EXPECT_EQ(server.out().text(), "");
  EXPECT_EQ(server.log().text().find("/plain"), std::string::npos);
}

TEST(AccessLog, GoesToStandardOutputWithGunicornsLine) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1", "--access-logfile", "-"});
  Fields fields = bearer(site.token(1));
  fields.emplace_back("User-Agent", "a \"tester\"\t1");
  fields.emplace_back("Referer", "http://here/");
  get(server.address(), "/api/me?x=1", fields);
  const auto line = server.out().wait_for("/api/me");  // within a second, without more traffic
  ASSERT_TRUE(line);
  EXPECT_TRUE(matches(
      line->text,
      R"re(127\.0\.0\.1 - alice \[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [+-][0-9]{4}\] )re"
      R"re("GET /api/me\?x=1 HTTP/1\.1" 200 27 "http://here/" "a .*tester.*1")re"));
  EXPECT_EQ(line->text.find('\t'), std::string::npos);
  get(server.address(), "/nowhere");
  ASSERT_TRUE(server.out().wait_for("\"GET /nowhere HTTP/1.1\" 404 "));
}

TEST(AccessLog, IsReopenedByUsr1) {
  const Site site;
  const std::string path = site.directory() / "access.log";
  ServerProcess server(
      site, {"serve", "--workers", "2", "--access-logfile", path, "--access-logformat", "%(U)s"});
  get(server.address(), "/plain");
  std::filesystem::rename(path, path + ".1");
  server.signal(SIGUSR1);
  ASSERT_TRUE(server.log().wait_for("log files reopened"));
  // The master says so when it has told the workers; they have obeyed when they hold the new one.
  const Deadline deadline(kPatience);
  while (std::ranges::any_of(server.workers(),
                             [&](pid_t pid) { return descriptors_of(pid).contains(path + ".1"); }))
    ASSERT_FALSE(deadline.passed());
  get(server.address(), "/json");
  server.stop();
  EXPECT_NE(read_file(path + ".1").find("/plain\n"), std::string::npos);
  EXPECT_EQ(read_file(path + ".1").find("/json\n"), std::string::npos);
  EXPECT_NE(read_file(path).find("/json\n"), std::string::npos);
}

}  // namespace
}  // namespace tollgate::test
