// Each signal to the master means the same in the foreground and as process 1 of a container.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "server/base/text.h"
#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

enum class As { Foreground, ProcessOne };

class SignalsTo : public testing::TestWithParam<As> {
 protected:
  void SetUp() override {
    if (GetParam() == As::ProcessOne &&
        run({.arguments = {"/usr/bin/unshare", "--pid", "--fork", "/bin/true"}}).status.code != 0)
      GTEST_SKIP() << "NOT TESTED: nothing here may make a PID name space (root may)";
  }
  Command server(std::vector<std::string> arguments) const {
    Command command = site_.server(std::move(arguments));
    if (GetParam() == As::ProcessOne)
      command.arguments.insert(command.arguments.begin(),
                               {"/usr/bin/unshare", "--pid", "--fork", "--kill-child"});
    return command;
  }
  // The master, by the number that it has for us.
  static pid_t master_of(const ServerProcess& server) {
    if (GetParam() == As::Foreground) return server.pid();
    const std::string pid = std::to_string(server.pid());
    const std::string children = read_file("/proc/" + pid + "/task/" + pid + "/children");
    return static_cast<pid_t>(parse_uint(trim(children)).value_or(0));
  }
  static void send(const ServerProcess& server, int number) {
    const pid_t master = master_of(server);
    ASSERT_GT(master, 0);
    ASSERT_EQ(kill(master, number), 0);
  }
  static void expect_process_one(const ServerProcess& server) {
    const bool is_one = server.log().text().find("(pid 1) is ready") != std::string::npos;
    EXPECT_EQ(is_one, GetParam() == As::ProcessOne);
  }

  const Site site_;
};

TEST_P(SignalsTo, TheMasterThatStopIt) {
  for (const int number : {SIGTERM, SIGINT}) {
    ServerProcess server(this->server({"serve", "--workers", "1"}));
    expect_process_one(server);
    HttpClient busy(server.address());
    busy.send(request("GET", "/block/500", {{"Connection", "close"}}));
    ASSERT_EQ(get(server.address(), "/plain").status, 200);
    send(server, number);
    const auto response = busy.receive();
    ASSERT_TRUE(response) << to_string(response.error()) << server.log().text();
    EXPECT_EQ(response->status, 200);
    server.expect_end({.code = 0});
  }
}

TEST_P(SignalsTo, TheMasterThatEndItAtOnce) {
  const std::vector<int> cases[] = {{SIGQUIT}, {SIGTERM, SIGTERM}, {SIGINT, SIGINT}};
  for (const auto& numbers : cases) {
    ServerProcess server(this->server({"serve", "--workers", "1"}));
    HttpClient busy(server.address());
    busy.send(request("GET", "/block/30000"));
    ASSERT_EQ(get(server.address(), "/plain").status, 200);
    const Stopwatch watch;
    send(server, numbers[0]);
    if (numbers.size() > 1) {
      ASSERT_TRUE(server.log().wait_for("the workers drain"));  // or both would be one
      send(server, numbers[1]);
    }
    server.expect_end({.code = 0});
    EXPECT_LE(watch.elapsed(), bound(3000ms));
  }
}

TEST_P(SignalsTo, TheMasterThatChangeWhatItDoes) {
  ServerProcess server(this->server({"serve", "--workers", "2"}));
  const struct {
    int number;
    std::size_t workers;
    const char* line;
  } steps[] = {
      {SIGTTIN, 3, "SIGTTIN: 3 workers instead of 2"},
      {SIGTTOU, 2, "SIGTTOU: 2 workers instead of 3"},
      {SIGUSR1, 2, "log files reopened"},
      {SIGHUP, 2, "reload: done"},
      {SIGWINCH, 0, "SIGWINCH: 0 workers instead of 2"},
  };
  for (const auto& [number, workers, line] : steps) {
    send(server, number);
    EXPECT_TRUE(server.log().wait_for(line)) << line << '\n' << server.log().text();
    EXPECT_TRUE(server.wait_for_workers(workers)) << line << '\n' << server.log().text();
  }
  send(server, SIGTERM);
  server.expect_end({.code = 0});
}

INSTANTIATE_TEST_SUITE_P(Signals, SignalsTo, testing::Values(As::Foreground, As::ProcessOne),
                         [](const auto& param) {
                           return param.param == As::Foreground ? "Foreground" : "ProcessOne";
                         });

}  // namespace
}  // namespace tollgate::test
