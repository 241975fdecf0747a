// What cannot work is refused at once, with a sentence and the exit code that says whose fault it
// is. SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

class Start : public testing::Test {
 protected:
  // Each of `serve`, `dev` and `check` says the same.
  void expect_refused(std::vector<std::string> arguments, int code, std::string_view sentence,
                      std::initializer_list<const char*> commands = {"serve", "dev",
                                                                     "check"}) const {
    for (const char* command : commands) {
      std::vector<std::string> line = arguments;
      line.insert(line.begin(), command);
      const Finished ended = run(site_.server(std::move(line)));
      EXPECT_EQ(ended.status.code, code) << command << ":\n" << ended.err;
      EXPECT_NE(ended.err.find(sentence), std::string::npos) << command << ":\n" << ended.err;
    }
  }

  const Site site_;
};

TEST_F(Start, IsRefusedWithoutTheApplication) {
  expect_refused({"/nowhere/app.so"}, 4,
                 "open /nowhere/app.so: No such file or directory (ENOENT)");
  expect_refused({"/tmp"}, 4, "/tmp: not a regular file");
}

TEST_F(Start, IsRefusedWithWhatIsNoApplication) {
  const std::string text = site_.directory() / "readme.so";
  write_file(text, "not a shared object\n");
  expect_refused({text}, 4, text + " is not a tollgate application: it has no TOLLGATE_APP");
  const std::string empty = site_.directory() / "empty.so";
  write_file(empty, "");
  expect_refused({empty}, 4, empty + ": the file is empty");
}

TEST_F(Start, IsRefusedWithAnApplicationForAnotherTollgate) {
  std::string content = read_file(demo_application());
  const auto stamp = content.find("\1tollgate-application\1abi ");
  ASSERT_NE(stamp, std::string::npos);
  content[stamp + 26] = '9';
  const std::string foreign = site_.directory() / "foreign.so";
  write_file(foreign, content);
  expect_refused({foreign}, 4, foreign + " was built for \"abi 9");
  expect_refused({foreign}, 4, "rebuild it against this tollgate");
}

TEST_F(Start, IsRefusedWithAnApplicationThatThrows) {
  expect_refused({TEST_APPLICATIONS "/libtest_throws.so"}, 4,
                 "the application threw while it was defined: the flux capacitor is missing");
}

TEST_F(Start, IsRefusedWithAnApplicationThatLooksBesideItself) {
  expect_refused({TEST_APPLICATIONS "/libtest_needs_beside.so"}, 4,
                 "$ORIGIN in its RUNPATH is /proc/self/fd");
}

TEST_F(Start, IsRefusedWithoutAKey) {
  Command command = site_.command(
      {"serve", "--bind", "127.0.0.1:0", "--workers", "1", "--database", site_.database()});
  const Finished ended = run(command);
  EXPECT_EQ(ended.status.code, 78) << ended.err;
  EXPECT_NE(ended.err.find("tollgate keys generate --out signing.key"), std::string::npos)
      << ended.err;
}

TEST_F(Start, IsRefusedWithoutADatabase) {
  const Finished ended =
      run(site_.command({"serve", "--bind", "127.0.0.1:0", "--workers", "1", "--signing-key-file",
                         site_.directory() / "signing.key"}));
  EXPECT_EQ(ended.status.code, 78) << ended.err;
  EXPECT_NE(ended.err.find("give --database sqlite:PATH"), std::string::npos) << ended.err;
}

TEST_F(Start, IsRefusedWhereAnotherListens) {
  const ServerProcess first(site_, {"serve", "--workers", "1"});
  expect_refused({"--bind", to_string(first.address())}, 2,
                 "bind " + to_string(first.address()) + ": Address already in use (EADDRINUSE)",
                 {"serve", "dev"});
  EXPECT_EQ(get(first.address(), "/plain").status, 200);
}

TEST_F(Start, IsRefusedWithThePidFileOfARunningServer) {
  const std::string file = site_.directory() / "pid";
  const ServerProcess first(site_, {"serve", "--workers", "1", "--pid", file});
  const std::string pid = std::to_string(first.pid());
  expect_refused({"--pid", file}, 1, "pid file " + file + ": process " + pid + " is running",
                 {"serve"});
  EXPECT_EQ(read_file(file), pid + "\n");
  EXPECT_EQ(get(first.address(), "/plain").status, 200);
}

TEST_F(Start, IsRefusedWithUnknownSettings) {
  const std::string file = site_.directory() / "bad.toml";
  write_file(file, "wrokers = 2\ngraceful_timout = \"30s\"\n");
  expect_refused({"--config", file}, 78, file + ":1: unknown setting \"wrokers\"; did you mean");
  expect_refused({"--config", file}, 78, "did you mean \"graceful_timeout\"?");
  expect_refused({"--workers", "many"}, 78, "--workers: ");
  expect_refused({"--wrokers", "2"}, 78, "--wrokers");

  Command command = site_.server({"serve"});
  command.environment = {"TOLLGATE_WROKERS=2"};
  const Finished ended = run(command);
  EXPECT_EQ(ended.status.code, 78);
  EXPECT_NE(ended.err.find("unknown variable TOLLGATE_WROKERS; did you mean TOLLGATE_WORKERS?"),
            std::string::npos)
      << ended.err;
}

TEST_F(Start, IsRefusedWithAKeyThatAnyoneMayHave) {
  const std::string weak = site_.directory() / "weak.key";
  write_file(weak, "secret\n");
  chmod(weak.c_str(), 0600);
  const Finished ended = run(site_.server({"serve", "--workers", "1", "--signing-key-file", weak}));
  EXPECT_NE(ended.status.code, 0) << ended.err;
  EXPECT_NE(ended.err.find("bytes"), std::string::npos) << ended.err;
}

}  // namespace
}  // namespace tollgate::test
