// What a worker that died leaves in the log: why, where, and whose requests died with it. And
// a route that kills worker after worker is shut for a while.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "tests/support/http_client.h"
#include "tests/support/matches.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

constexpr const char* kApplication = TEST_APPLICATIONS "/libtest_crash.so";

class Forensics : public testing::Test {
 protected:
  Command command(std::vector<std::string> flags) const {
    std::vector<std::string> arguments = {"serve", kApplication, "--access-logfile", access_log_};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    Command command = site_.server(std::move(arguments));
    // Else the sanitizer would end the worker with a code and a report of its own.
    command.environment.emplace_back(
        "ASAN_OPTIONS=detect_leaks=1:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill="
        "0");
    return command;
  }

  // Asks, gets no answer, and waits until the server has got over it.
  static void crash(const ServerProcess& server, const std::string& target) {
    const std::size_t mark = server.log().mark();
    HttpClient client(server.address());
    client.send(request("GET", target));
    const auto answer = client.receive();
    ASSERT_FALSE(answer) << answer->status << " " << answer->body;
    ASSERT_TRUE(server.log().wait_for(") is ready", mark)) << server.log().text();
  }

  static void wait_until_entered(const ServerProcess& server, int count) {
    const Deadline deadline(kPatience);
    while (get(server.address(), "/entered").body != std::to_string(count))
      ASSERT_FALSE(deadline.passed()) << server.log().text();
  }

  const Site site_;
  const std::string access_log_ = site_.directory() / "access.log";
};

struct Way {
  std::string name;
  std::string path;
  std::string signal;
  std::string why;
  std::string thread;
  std::string function;
};

class Crash : public Forensics, public testing::WithParamInterface<Way> {};

TEST_P(Crash, LeavesSignalPlaceAndRequest) {
  const Way& way = GetParam();
  ServerProcess server(command({"--workers", "1", "--timeout", "1s"}));
  crash(server, way.path + "?token=secret");
  const auto cause = server.log().wait_for(" died ");
  ASSERT_TRUE(cause) << server.log().text();
  EXPECT_TRUE(
      matches(cause->text, ".* \\[CRITICAL\\] worker 0 \\(pid [0-9]+, generation 1\\) died " +
                               way.thread + " of " + way.signal + " \\(" + way.why +
                               "\\), at work on [0-9]+-[0-9]+ GET \"" + way.path + "\""));
  const auto lost = server.log().wait_for("lost with it: ");
  ASSERT_TRUE(lost);
  EXPECT_NE(lost->text.find(" GET \"" + way.path + "\", route \"" + way.path +
                            "\", from \"127.0.0.1\", "),
            std::string::npos)
      << lost->text;
  const auto lines = server.log().lines();
  EXPECT_TRUE(std::ranges::any_of(lines, [&](const std::string& line) {
    return matches(line,
                   ".* \\[ERROR\\] worker 0 \\(.*\\): #[0-9]+ .*/libtest_crash.so\\+0x[0-9a-f]+ " +
                       way.function + "\\(.*\\)( \\([0-9]+ times\\))?");
  })) << server.log().text();
  server.stop();
  EXPECT_NE(read_file(access_log_).find("\"GET " + way.path + " HTTP/1.1\" 599 - "),
            std::string::npos)
      << read_file(access_log_);
  EXPECT_EQ((server.log().text() + read_file(access_log_)).find("secret"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Of, Crash,
    testing::Values(
        Way{"ABadAddress", "/segv", "SIGSEGV", "at 0x1230: nothing is mapped there", "on its loop",
            "crash_by_segv"},
        Way{"ABadAddressOnAThread", "/segv/blocking", "SIGSEGV",
            "at 0x1230: nothing is mapped there", "on thread [0-9]+ \"threads\"", "crash_by_segv"},
        Way{"AnAbort", "/abort", "SIGABRT", "raised by itself", "on its loop", "crash_by_abort"},
        Way{"AnAbortOnAThread", "/abort/blocking", "SIGABRT", "raised by itself",
            "on thread [0-9]+ \"threads\"", "crash_by_abort"},
        Way{"ATrap", "/trap", "SIGILL", "at 0x[0-9a-f]+: illegal operand", "on its loop",
            "crash_by_trap"},
        Way{"ARecursion", "/overflow", "SIGSEGV", "at 0x[0-9a-f]+: the stack is full",
            "on its loop", "crash_by_overflow"},
        Way{"ARecursionOnAThread", "/overflow/blocking", "SIGSEGV",
            "at 0x[0-9a-f]+: the stack is full", "on thread [0-9]+ \"threads\"",
            "crash_by_overflow"},
        Way{"ALoopThatHangs", "/hang", "SIGABRT", "sent by the master", "on its loop", "hang"}),
    [](const auto& param_info) { return param_info.param.name; });

TEST_F(Forensics, EveryRequestInFlightIsToldWithPeerAndUser) {
  ServerProcess server(command({"--workers", "1", "--threads", "2"}));
  HttpClient alice(server.address());
  alice.send(request("GET", "/crash/alice?token=secret", bearer(site_.token(1))));
  HttpClient bob(server.address());
  bob.send(request("GET", "/crash/bob", bearer(site_.token(2))));
  ASSERT_NO_FATAL_FAILURE(wait_until_entered(server, 2));
  ASSERT_NO_FATAL_FAILURE(crash(server, "/segv"));
  EXPECT_TRUE(server.log().wait_for("at work on "));
  for (const std::string name : {"alice", "bob"}) {
    const auto lost = server.log().wait_for(" GET \"/crash/" + name);
    ASSERT_TRUE(lost) << server.log().text();
    EXPECT_TRUE(
        matches(lost->text, ".*: lost with it: [0-9]+-[0-9]+ GET \"/crash/" + name +
                                "\", route \"/crash/\\{name\\}\", from \"127.0.0.1\", user \"" +
                                name + "\", [0-9]+ ms old"));
    EXPECT_TRUE(matches(read_file(access_log_), "(.|\n)*127.0.0.1 - " + name +
                                                    " \\[[^]]*\\] \"GET /crash/" + name +
                                                    " HTTP/1.1\" 599 - (.|\n)*"));
  }
  EXPECT_EQ(server.log().text().find("secret"), std::string::npos);
}

TEST_F(Forensics, ARequestWhoseClientHasLeftIsStillToBlame) {
  ServerProcess server(command({"--workers", "1"}));
  {
    HttpClient alice(server.address());
    alice.send(request("GET", "/crash/alice", bearer(site_.token(1))));
    ASSERT_NO_FATAL_FAILURE(wait_until_entered(server, 1));
  }
  get(server.address(), "/go");
  const auto cause = server.log().wait_for(" died ");
  ASSERT_TRUE(cause) << server.log().text();
  EXPECT_NE(cause->text.find("GET \"/crash/alice\""), std::string::npos) << cause->text;
}

TEST_F(Forensics, AWorkerKilledWithoutAWordLeavesItsRequests) {
  ServerProcess server(command({"--workers", "1"}));
  HttpClient alice(server.address());
  alice.send(request("GET", "/crash/alice", bearer(site_.token(1))));
  ASSERT_NO_FATAL_FAILURE(wait_until_entered(server, 1));
  ASSERT_EQ(kill(server.workers().front(), SIGKILL), 0);
  const auto lost = server.log().wait_for("lost with it: ");
  ASSERT_TRUE(lost) << server.log().text();
  EXPECT_NE(lost->text.find("user \"alice\""), std::string::npos) << lost->text;
}

TEST_F(Forensics, TheDevelopmentServerPrintsTheBacktrace) {
  Command line = command({});
  line.arguments.at(1) = "dev";
  ServerProcess server(line);
  HttpClient client(server.address());
  client.send(request("GET", "/segv"));
  EXPECT_FALSE(client.receive());
  EXPECT_TRUE(server.log().wait_for("crash_by_segv")) << server.log().text();
  server.expect_end({.signal = SIGSEGV});
}

class QuarantinedRoute : public Forensics {
 protected:
  static void crash_thrice(const ServerProcess& server) {
    for (int i = 0; i < 3; ++i) ASSERT_NO_FATAL_FAILURE(crash(server, "/segv"));
  }
};

TEST_F(QuarantinedRoute, IsAnswered503WhileTheOthersServeAndThenServesItsTime) {
  ServerProcess server(command({"--workers", "2", "--quarantine-time", "8s"}));
  ASSERT_NO_FATAL_FAILURE(crash_thrice(server));
  ASSERT_TRUE(server.log().wait_for("route GET /segv is quarantined")) << server.log().text();
  const HttpResponse refusal = get(server.address(), "/segv");
  EXPECT_EQ(refusal.status, 503);
  EXPECT_TRUE(refusal.body.starts_with("{\"detail\":")) << refusal.body;
  EXPECT_TRUE(matches(refusal.field("Retry-After"), "[1-8]"));
  EXPECT_EQ(get(server.address(), "/ok").status, 200);
  EXPECT_EQ(get(server.address(), "/nowhere").status, 404);
  ASSERT_TRUE(server.log().wait_for("is no longer quarantined")) << server.log().text();
  crash(server, "/segv");
}

TEST_F(QuarantinedRoute, IsLetInAgainByAReload) {
  ServerProcess server(command({"--workers", "1"}));
  ASSERT_NO_FATAL_FAILURE(crash_thrice(server));
  EXPECT_EQ(get(server.address(), "/segv").status, 503);
  server.signal(SIGHUP);
  ASSERT_TRUE(server.log().wait_for("reload: done")) << server.log().text();
  crash(server, "/segv");
}

TEST_F(QuarantinedRoute, IsNoneWhereTheSettingIs0) {
  ServerProcess server(command({"--workers", "4", "--quarantine-crashes", "0"}));
  ASSERT_NO_FATAL_FAILURE(crash_thrice(server));
  crash(server, "/segv");
  EXPECT_EQ(server.log().text().find("is quarantined"), std::string::npos);
}

}  // namespace
}  // namespace tollgate::test
