// A worker that dies or hangs is replaced, and costs only what was in flight on it.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include <map>
#include <set>
#include <sstream>

#include "tests/support/load.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

// Which workers answered on each connection, from lines of "%(p)s %({x-connection}i)s".
std::map<std::string, std::set<std::string>> workers_of_connections(const std::string& access_log) {
  std::map<std::string, std::set<std::string>> out;
  std::istringstream lines(access_log);
  for (std::string pid, connection; lines >> pid >> connection;) out[connection].insert(pid);
  return out;
}

TEST(Worker, KilledUnderLoadIsReplacedAndCostsOnlyWhatWasInFlight) {
  const Site site;
  const std::string access_log = site.directory() / "access.log";
  ServerProcess server(site, {"serve", "--workers", "4", "--access-logfile", access_log,
                              "--access-logformat", "%(p)s %({x-connection}i)s"});
  Load load(server.address(), {.clients = 8});
  ASSERT_TRUE(load.wait_for_answers(200));

  const pid_t victim = server.workers().front();
  const std::size_t mark = server.log().mark();
  const SteadyTime killed = std::chrono::steady_clock::now();
  ASSERT_EQ(kill(victim, SIGKILL), 0);
  const auto ready = server.log().wait_for(") is ready", mark);
  ASSERT_TRUE(ready) << server.log().text();
  EXPECT_LE(ready->time - killed, bound(100ms)) << server.log().text();
  EXPECT_TRUE(server.log().wait_for("was killed by SIGKILL", mark));
  ASSERT_TRUE(server.wait_for_workers(4, {victim})) << server.log().text();
  ASSERT_TRUE(load.wait_for_answers(200));

  const Load::Report report = load.stop();
  EXPECT_TRUE(report.surprises.empty()) << report.text();
  server.stop();  // writes what is left of the access log

  // A client has one request in flight at a time, and the killed worker had some of the eight.
  EXPECT_LE(report.failures.size(), 8U) << report.text();
  const std::string killed_pid = "<" + std::to_string(victim) + ">";
  const auto workers = workers_of_connections(read_file(access_log));
  EXPECT_GE(workers.size(), 8U);
  for (const Load::Failure& failure : report.failures) {
    const auto found =
        workers.find(std::to_string(failure.client) + "." + std::to_string(failure.connection));
    if (found == workers.end()) continue;  // its lines died with the worker
    EXPECT_EQ(found->second, std::set{killed_pid}) << report.text();
  }
}

TEST(Worker, AllKilledAtOnceAreReplaced) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "3"});
  const std::vector<pid_t> victims = server.workers();
  for (const pid_t worker : victims) {
    const UniqueFd pidfd = open_pidfd(worker);
    ASSERT_EQ(kill(worker, SIGKILL), 0);
    ASSERT_TRUE(wait_for_end_of(pidfd, kPatience));
  }
  // The sockets are the master's: who comes now waits, and is not refused.
  EXPECT_EQ(get(server.address(), "/plain").status, 200);
  EXPECT_TRUE(server.wait_for_workers(3, victims)) << server.log().text();
}

TEST(Worker, ThatCrashesIsReplaced) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "1"});
  HttpClient client(server.address());
  client.send(request("GET", "/crash", bearer(site.token(3))));
  EXPECT_FALSE(client.receive());
  EXPECT_EQ(get(server.address(), "/plain").status, 200);
  EXPECT_TRUE(server.log().wait_for("SIGABRT"));
}

TEST(Worker, ThatIsSilentIsReplaced) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "2", "--timeout", "1s"});
  const pid_t victim = server.workers().front();
  const UniqueFd pidfd = open_pidfd(victim);
  const std::size_t mark = server.log().mark();
  ASSERT_EQ(kill(victim, SIGSTOP), 0);
  const auto aborted = server.log().wait_for("is aborted (hung)", mark);
  ASSERT_TRUE(aborted) << server.log().text();
  ASSERT_TRUE(server.log().wait_for(") is ready", mark)) << server.log().text();
  EXPECT_TRUE(wait_for_end_of(pidfd, kPatience));  // stopped or not: SIGKILL ends it
  EXPECT_EQ(get(server.address(), "/plain").status, 200);
}

}  // namespace
}  // namespace tollgate::test
