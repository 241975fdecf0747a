// Workers that cannot start: what a reload makes of them, and how often they are tried.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>

#include "tests/support/load.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

std::ptrdiff_t count(const Output& log, std::string_view part) {
  return std::ranges::count_if(log.lines(), [part](const std::string& line) {
    return line.find(part) != std::string::npos;
  });
}

class Boot : public testing::Test {
 protected:
  void now(std::string_view how) const { write_file(file_, how); }
  Command command(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"serve", "--log-level", "debug",
                                          TEST_APPLICATIONS "/libtest_boot.so"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Command command = site_.server(arguments);
    command.environment.push_back("TEST_BOOT=" + file_);
    return command;
  }

  const Site site_;
  const std::string file_ = site_.directory() / "how";
};

// Each way to fail, in a reload under load with one worker, which has no spare one.
TEST_F(Boot, ThatFailsInAReloadKeepsTheOldGenerationAndLosesNothing) {
  struct Case {
    const char* how;
    const char* why;
  };
  constexpr Case kCases[] = {{"throw", "told to throw"},
                             {"crash", "was killed by SIGSEGV"},
                             {"exit", "ended with code 17"},
                             {"hang", "was not ready in time"}};
  now("fine");
  ServerProcess server(command({"--workers", "1", "--boot-timeout", "2s"}));
  const auto workers = server.workers();
  Load load(server.address(), {.clients = 4, .target = "/how", .body = "fine"});
  for (const Case& c : kCases) {
    now(c.how);
    const std::size_t mark = server.log().mark();
    server.signal(SIGHUP);
    const auto end = server.log().wait_for("is abandoned, generation 1 goes on", mark);
    ASSERT_TRUE(end) << c.how << '\n' << server.log().text();
    EXPECT_NE(end->text.find(c.why), std::string::npos) << end->text;
    EXPECT_EQ(server.workers(), workers) << c.how;
  }
  expect_no_loss(load.stop());
  // The next one that works is taken.
  now("better");
  server.signal(SIGHUP);
  ASSERT_TRUE(server.log().wait_for("reload: done")) << server.log().text();
  EXPECT_EQ(get(server.address(), "/how").body, "better");
}

TEST_F(Boot, ThatCrashesFirstEndsTheServerAfterAFewForks) {
  now("crash");
  Process server(command({"--workers", "2"}));
  const auto status = server.wait();
  ASSERT_TRUE(status);
  EXPECT_EQ(status->code, 3) << server.err().text();
  EXPECT_LE(count(server.err(), ") starts"), 10) << server.err().text();
  EXPECT_GE(count(server.err(), "SIGSEGV"), 2);
}

TEST_F(Boot, ThatHangsIsEndedAtBootTimeout) {
  now("hang");
  const Stopwatch watch;
  Process server(command({"--workers", "1", "--boot-timeout", "300ms"}));
  ASSERT_TRUE(server.err().wait_for("is aborted (boot_timeout)")) << server.err().text();
  EXPECT_GE(watch.elapsed(), 290ms);
  const auto status = server.wait();
  ASSERT_TRUE(status);
  EXPECT_EQ(status->code, 3) << server.err().text();
}

// A server that has been ready never gives up, and never forks like mad.
TEST_F(Boot, ThatCrashesLaterIsTriedAtMostTenTimesInSixSeconds) {
  now("fine");
  ServerProcess server(command({"--workers", "2"}));
  now("crash");
  const std::vector<pid_t> victims = server.workers();
  const SteadyTime begin = std::chrono::steady_clock::now();
  const auto before = count(server.log(), ") starts");
  for (const pid_t worker : victims) ASSERT_EQ(kill(worker, SIGKILL), 0);
  ASSERT_TRUE(server.log().wait_for("degraded: workers die one after the other"));
  // The time is what this test is about.
  const auto left = begin + 6s - std::chrono::steady_clock::now();
  poll(nullptr, 0, static_cast<int>(std::chrono::duration_cast<milliseconds>(left).count()));
  const auto forks = count(server.log(), ") starts") - before;
  EXPECT_LE(forks, 10) << server.log().text();
  EXPECT_GE(forks, 3) << server.log().text();
  // And when the cause is gone it comes back by itself, with whoever waited for it.
  HttpClient waiting(server.address(), 30s);
  waiting.send(request("GET", "/how"));
  now("mended");
  const auto response = waiting.receive();
  ASSERT_TRUE(response) << to_string(response.error()) << server.log().text();
  EXPECT_EQ(response->body, "mended");
}

}  // namespace
}  // namespace tollgate::test
