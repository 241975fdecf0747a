// A daemon: the command ends when the server is ready, or with what kept it from that.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "server/base/text.h"
#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

class Daemon : public testing::Test {
 protected:
  Finished start(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"serve", "--daemon", "--workers", "1"});
    return run(site_.server(std::move(arguments)));
  }
  // What left our process group is ours to end.
  ~Daemon() override {
    if (const pid_t pid = server(); pid > 0) kill(pid, SIGKILL);
  }
  // As the pid file has it; 0: there is none.
  pid_t server() const {
    const std::string text = read_file(pid_file_);
    return static_cast<pid_t>(
        parse_uint(std::string_view(text).substr(0, text.find('\n'))).value_or(0));
  }

  const Site site_;
  const std::string log_ = site_.directory() / "error.log";
  const std::string pid_file_ = site_.directory() / "pid";
};

TEST_F(Daemon, IsReadyWhenTheCommandEnds) {
  const std::string socket = site_.directory() / "socket";
  const Finished started =
      start({"--bind", "unix:" + socket, "--pid", pid_file_, "--error-logfile", log_});
  ASSERT_EQ(started.status.code, 0) << started.err;
  EXPECT_EQ(started.err, "");
  EXPECT_EQ(started.out, "");
  EXPECT_EQ(get(*parse_address("unix:" + socket), "/plain").status, 200);
  const pid_t pid = server();
  ASSERT_GT(pid, 0);
  ASSERT_NE(read_file(log_).find("(pid " + std::to_string(pid) + ") is ready"), std::string::npos);
  const std::string proc = "/proc/" + std::to_string(pid);
  for (const char* stream : {"/fd/0", "/fd/1", "/fd/2"})
    EXPECT_EQ(std::filesystem::read_symlink(proc + stream), "/dev/null");
  EXPECT_NE(getsid(pid), getsid(0));
  EXPECT_NE(getsid(pid), pid);  // leads no session, and so never gets a terminal

  const UniqueFd pidfd = open_pidfd(pid);
  ASSERT_EQ(kill(pid, SIGTERM), 0);
  EXPECT_TRUE(wait_for_end_of(pidfd, kPatience));
  EXPECT_FALSE(std::filesystem::exists(pid_file_));
  EXPECT_NE(read_file(log_).find("has stopped with code 0"), std::string::npos);
}

TEST_F(Daemon, ThatCannotServeEndsTheCommandWithItsCodeAndItsWords) {
  const ServerProcess other(site_, {"serve", "--workers", "1"});
  const struct {
    std::vector<std::string> arguments;
    int code;
    const char* sentence;
  } cases[] = {
      {{TEST_APPLICATIONS "/libtest_throws.so"}, 4, "the flux capacitor is missing"},
      {{"/nowhere.so"}, 4, "open /nowhere.so: No such file"},
      {{"--bind", to_string(other.address())}, 2, "EADDRINUSE"},
      {{"--workers", "many"}, 78, "--workers: "},
      {{"--signing-key-file", "/nowhere.key"}, 78, "signing key /nowhere.key: open"},
  };
  for (const auto& [arguments, code, sentence] : cases) {
    std::vector<std::string> line = arguments;
    line.insert(line.begin(), {"--error-logfile", log_});
    const Finished ended = start(line);
    EXPECT_EQ(ended.status.code, code) << sentence << '\n' << ended.err;
    EXPECT_NE(ended.err.find(sentence), std::string::npos) << ended.err;
  }
}

TEST_F(Daemon, IsRefusedWithALogOnStandardError) {
  const Finished ended = start({});
  EXPECT_EQ(ended.status.code, 78);
  EXPECT_NE(ended.err.find("errorlog: a daemon has no standard error; name a file"),
            std::string::npos)
      << ended.err;
}

}  // namespace
}  // namespace tollgate::test
