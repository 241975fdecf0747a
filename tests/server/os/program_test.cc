// SPDX-License-Identifier: Apache-2.0
#include "server/os/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "server/os/signals.h"
#include "server/os/small_file.h"
#include "tests/server/os/temporary_folder.h"

namespace tollgate::os {
namespace {

using namespace std::chrono_literals;

// Runs a shell script as the program; what it wrote into the file "out" of its folder.
struct Ran {
  int status = -1;
  std::string out;
  std::string failure;  // over the channel
};

Ran run(const Program& program, const TemporaryFolder& folder) {
  auto ends = *UpgradeChannel::create();
  auto signals = Signals::open({SIGTERM, SIGUSR2});
  const auto child = launch(program, std::move(ends.second), [&] { signals->leave(); });
  EXPECT_TRUE(child) << child.error().message;
  Ran ran;
  EXPECT_EQ(waitpid(child->pid, &ran.status, 0), child->pid);
  ran.status = WEXITSTATUS(ran.status);
  ran.out = read_small_file(folder.file("out")).value_or("");
  if (const auto packet = ends.first.receive()) ran.failure = packet->text;
  return ran;
}

Program shell(const std::string& script, const TemporaryFolder& folder) {
  return {.arguments = {"sh", "-c", "exec > out; " + script},
          .environment = {"A=b c", "PATH=/usr/bin:/bin"},
          .directory = folder.file("")};
}

TEST(Program, GetsItsArgumentsEnvironmentAndDirectory) {
  const TemporaryFolder folder;
  const Ran ran = run(shell("echo $A; pwd -P", folder), folder);
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, "b c\n" + std::filesystem::canonical(folder.file("")).string() + "\n");
}

TEST(Program, HasNothingOpenButTheChannelThatItsVariableNames) {
  const TemporaryFolder folder;
  const UniqueFd leaked(open("/dev/null", O_RDONLY));  // not close-on-exec
  const Ran ran = run(
      shell(
          "for f in /proc/self/fd/*; do case ${f##*/} in [012]) ;; $TOLLGATE_UPGRADE) echo ours;; "
          "*) readlink $f;; esac; done",
          folder),
      folder);
  EXPECT_EQ(ran.out, "ours\n");
}

// Whoever runs the tests may have others blocked or ignored; a shell that waits has all.
TEST(Program, HasNoSignalBlockedOrIgnoredThatWeHave) {
  const TemporaryFolder folder;
  auto* const before = ::signal(SIGPIPE, SIG_IGN);
  const Ran ran = run(shell("exec cat /proc/self/status", folder), folder);
  ::signal(SIGPIPE, before);
  const auto mask = [&](const std::string& name) {
    const auto at = ran.out.find(name);
    return at == std::string::npos ? ~0UL
                                   : std::stoul(ran.out.substr(at + name.size()), nullptr, 16);
  };
  const auto bit = [](int number) { return 1UL << (number - 1); };
  EXPECT_EQ(mask("SigBlk:") & (bit(SIGTERM) | bit(SIGUSR2)), 0U) << ran.out;
  EXPECT_EQ(mask("SigIgn:") & bit(SIGPIPE), 0U) << ran.out;
}

TEST(Program, ThatIsNotThereIsNamed) {
  const TemporaryFolder folder;
  Program program = shell("true", folder);
  program.arguments.front() = "./no-such-program";
  const Ran ran = run(program, folder);
  EXPECT_EQ(ran.status, 127);
  EXPECT_NE(ran.failure.find("no-such-program"), std::string::npos) << ran.failure;
  EXPECT_NE(ran.failure.find("ENOENT"), std::string::npos) << ran.failure;
}

TEST(Program, ItsPathIsAbsoluteOrANameForPath) {
  const auto path = [](const char* name) {
    return path_of({.arguments = {name}, .environment = {}, .directory = "/srv"});
  };
  EXPECT_EQ(path("tollgate"), "tollgate");
  EXPECT_EQ(path("./tollgate"), "/srv/./tollgate");
  EXPECT_EQ(path("current/tollgate"), "/srv/current/tollgate");
  EXPECT_EQ(path("/opt/tollgate"), "/opt/tollgate");
}

// The directory as the shell shows it: through a link that may lead elsewhere tomorrow.
TEST(Program, ItsDirectoryIsTheOneOfPwdIfThatIsTrue) {
  const TemporaryFolder folder;
  const std::string before = std::filesystem::current_path();
  std::filesystem::create_directory(folder.file("release"));
  std::filesystem::create_symlink("release", folder.file("current"));
  std::filesystem::current_path(folder.file("current"));
  setenv("PWD", folder.file("current").c_str(), 1);
  EXPECT_EQ(program_as_started({}, {}).directory, folder.file("current"));
  setenv("PWD", "/", 1);
  EXPECT_EQ(program_as_started({}, {}).directory,
            std::filesystem::canonical(folder.file("release")).string());
  std::filesystem::current_path(before);
}

}  // namespace
}  // namespace tollgate::os
