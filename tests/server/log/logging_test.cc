// SPDX-License-Identifier: Apache-2.0
#include "server/log/logging.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <thread>

#include "server/base/text.h"
#include "tests/server/log/temporary_directory.h"

// A formatter of an application, which may throw.
struct Thrower {};
template <>
struct fmt::formatter<Thrower> {
  constexpr auto parse(format_parse_context& context) { return context.begin(); }
  template <class Context>
  auto format(const Thrower&, Context& context) const -> decltype(context.out()) {
    throw std::runtime_error("boom");
  }
};

namespace tollgate::log {
namespace {

class Logging : public testing::Test {
 protected:
  Logging() { EXPECT_TRUE(configure(file_, LogLevel::Info)); }
  ~Logging() override { EXPECT_TRUE(configure("-", LogLevel::Info)); }

  TemporaryDirectory directory_;
  std::string file_ = directory_ / "error.log";
};

// The message of a line of ours, or "" when the line has another shape.
std::string message_of(const std::string& line) {
  constexpr std::string_view kTime = "[0000-00-00 00:00:00 +0000] [";
  std::string shape = line.substr(0, kTime.size());
  for (char& c : shape) c = is_digit(c) ? '0' : c == '-' && &c > &shape[20] ? '+' : c;
  const auto pid_end = line.find("] [", kTime.size());
  const auto level_end = line.find("] ", pid_end + 3);
  if (shape != kTime || pid_end == line.npos || level_end == line.npos) return "";
  return line.substr(level_end + 2);
}

TEST_F(Logging, ALineHasGunicornsShape) {
  info("worker {} is {}", 3, "ready");
  const auto lines = read_lines(file_);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(message_of(lines[0]), "worker 3 is ready");
  EXPECT_NE(lines[0].find("] [" + std::to_string(::getpid()) + "] [INFO] "), std::string::npos);
}

TEST_F(Logging, EachLevelHasItsNameAndWhatIsBelowTheSettingIsLeftOut) {
  struct Case {
    LogLevel level;
    std::vector<std::string> names;
  };
  for (const Case& c : {Case{LogLevel::Debug, {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}},
                        Case{LogLevel::Warning, {"WARNING", "ERROR", "CRITICAL"}},
                        Case{LogLevel::Critical, {"CRITICAL"}}}) {
    std::filesystem::remove(file_);
    ASSERT_TRUE(configure(file_, c.level));
    debug("x");
    info("x");
    warning("x");
    error("x");
    critical("x");
    const auto lines = read_lines(file_);
    ASSERT_EQ(lines.size(), c.names.size());
    for (std::size_t i = 0; i < lines.size(); ++i)
      EXPECT_TRUE(lines[i].ends_with("[" + c.names[i] + "] x")) << lines[i];
  }
}

TEST_F(Logging, AClientCannotForgeALineOrSteerATerminal) {
  info("path {}", "/a\r\n[2026-11-22 16:52:38 +0000] [1] [INFO] forged \x1b[2J \xC2\x9B \x7f");
  info("good UTF-8 stays: {}", "\xC3\xA9");
  info("bad UTF-8 does not: {}", "\xC3");
  const auto lines = read_lines(file_);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(message_of(lines[0]),
            "path /a\\x0d\\x0a[2026-11-22 16:52:38 +0000] [1] [INFO] forged \\x1b[2J \\xc2\\x9b "
            "\\x7f");
  EXPECT_EQ(message_of(lines[1]), "good UTF-8 stays: \xC3\xA9");
  EXPECT_EQ(message_of(lines[2]), "bad UTF-8 does not: \\xc3");
}

TEST_F(Logging, AMessageIsNotAFormat) {
  write(LogLevel::Info, "{} %d {0}");
  EXPECT_EQ(message_of(read_lines(file_).at(0)), "{} %d {0}");
}

TEST_F(Logging, AFormatterThatThrowsCostsItsValueOnly) {
  info("value {}", Thrower{});
  EXPECT_EQ(message_of(read_lines(file_).at(0)), "value {}");
}

TEST_F(Logging, AForkedProcessLogsItsOwnPid) {
  info("parent");
  const pid_t child = ::fork();
  if (child == 0) {
    info("child");
    ::_exit(0);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  const auto lines = read_lines(file_);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_NE(lines[1].find("] [" + std::to_string(child) + "] [INFO] child"), std::string::npos);
}

TEST_F(Logging, LinesOfSeveralThreadsStayWhole) {
  const std::string text(2000, 'x');
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&text] {
      for (int n = 0; n < 200; ++n) info("{}", text);
    });
  for (auto& thread : threads) thread.join();
  const auto lines = read_lines(file_);
  EXPECT_EQ(lines.size(), 800u);
  for (const auto& line : lines) ASSERT_EQ(message_of(line), text);
}

TEST_F(Logging, AfterARotationReopenWritesToTheNewFile) {
  info("old");
  std::filesystem::rename(file_, directory_ / "error.log.1");
  info("still old");
  ASSERT_TRUE(reopen());
  info("new");
  EXPECT_EQ(read_lines(directory_ / "error.log.1").size(), 2u);
  ASSERT_EQ(read_lines(file_).size(), 1u);
  EXPECT_EQ(message_of(read_lines(file_)[0]), "new");
}

TEST_F(Logging, AFileThatCannotBeOpenedLeavesTheOldOneInUse) {
  const auto done = configure(directory_ / "none/error.log", LogLevel::Debug);
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().message.starts_with("errorlog: open ")) << done.error().message;
  info("kept");
  debug("the level is kept too");
  EXPECT_EQ(read_lines(file_).size(), 1u);
}

TEST_F(Logging, AFullDiskCostsTheLineAndNotTheProcess) {
  ASSERT_TRUE(configure("/dev/full", LogLevel::Info));
  info("lost");
  ASSERT_TRUE(configure(file_, LogLevel::Info));
  info("here again");
  EXPECT_EQ(read_lines(file_).size(), 1u);
}

// Threadsafe death tests run in a fresh process, where nothing was configured.
class LoggingProcess : public testing::Test {
 protected:
  LoggingProcess() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(LoggingProcess, BeforeConfigureLinesGoToStandardError) {
  const auto run = [] {
    info("early");
    debug("below the level");
    ::_exit(0);
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "\\[INFO\\] early\n$");
}

TEST_F(LoggingProcess, AClosedStandardErrorDoesNotEndIt) {
  const auto run = [] {
    ::close(STDERR_FILENO);
    info("nobody reads this");
    ::_exit(0);
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "");
}

TEST_F(LoggingProcess, AStandardErrorWhoseReaderIsGoneDoesNotEndIt) {
  const auto run = [] {
    int ends[2];
    if (::pipe(ends) != 0) ::_exit(1);
    ::close(ends[0]);
    ::dup2(ends[1], STDERR_FILENO);
    ::signal(SIGPIPE, SIG_DFL);
    info("nobody reads this");
    sigset_t pending;
    sigpending(&pending);
    ::_exit(sigismember(&pending, SIGPIPE));
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace tollgate::log
