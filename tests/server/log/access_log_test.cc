// SPDX-License-Identifier: Apache-2.0
#include "server/log/access_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "server/base/unique_fd.h"
#include "server/log/logging.h"
#include "tests/server/log/temporary_directory.h"

namespace tollgate::log {
namespace {

AccessFormat paths() { return *AccessFormat::compile("%(U)s"); }

Output output_to(const std::string& path) { return *Output::open(path, STDOUT_FILENO); }

// A pipe of one page whose ends do not block.
struct Pipe {
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) std::abort();
    reader = UniqueFd(ends[0]);
    writer = UniqueFd(ends[1]);
    ::fcntl(writer.get(), F_SETPIPE_SZ, 4096);
  }
  std::string drain() const {
    std::string out;
    char block[4096];
    for (ssize_t n = 0; (n = ::read(reader.get(), block, sizeof block)) > 0;)
      out.append(block, static_cast<std::size_t>(n));
    return out;
  }
  UniqueFd reader, writer;
};

class AccessLogTest : public testing::Test {
 protected:
  AccessLogTest() { EXPECT_TRUE(configure(errors_, LogLevel::Info)); }
  ~AccessLogTest() override { EXPECT_TRUE(configure("-", LogLevel::Info)); }

  TemporaryDirectory directory_;
  std::string file_ = directory_ / "access.log";
  std::string errors_ = directory_ / "error.log";
};

TEST_F(AccessLogTest, LinesAreHeldUntilFlushAndThenWrittenInOrder) {
  AccessLog access(output_to(file_), paths());
  access.append({.path = "/1"});
  access.append({.path = "/2"});
  EXPECT_EQ(read_text(file_), "");
  access.flush();
  EXPECT_EQ(read_text(file_), "/1\n/2\n");
  access.flush();
  EXPECT_EQ(read_text(file_), "/1\n/2\n");
}

TEST_F(AccessLogTest, TheLineThatFills64KiBIsWrittenWithAllBeforeIt) {
  AccessLog access(output_to(file_), paths());
  const std::string path(1023, 'x');  // 1 KiB with its newline
  for (int i = 0; i < 63; ++i) access.append({.path = path});
  EXPECT_EQ(read_text(file_).size(), 0u);
  access.append({.path = path});
  EXPECT_EQ(read_text(file_).size(), AccessLog::kFlushAt);
  access.append({.path = path});
  EXPECT_EQ(read_text(file_).size(), AccessLog::kFlushAt);
}

TEST_F(AccessLogTest, TheEndOfTheLogFlushes) {
  { AccessLog(output_to(file_), paths()).append({.path = "/last"}); }
  EXPECT_EQ(read_text(file_), "/last\n");
}

TEST_F(AccessLogTest, ADashIsTheStandardStreamWhichStaysOpen) {
  const Pipe pipe;
  { AccessLog(*Output::open("-", pipe.writer.get()), paths()).append({.path = "/1"}); }
  EXPECT_EQ(pipe.drain(), "/1\n");
  EXPECT_NE(::fcntl(pipe.writer.get(), F_GETFD), -1);
}

TEST_F(AccessLogTest, LinesBeforeARotationGoToTheOldFile) {
  AccessLog access(output_to(file_), paths());
  access.append({.path = "/old"});
  std::filesystem::rename(file_, directory_ / "access.log.1");
  access.use(*output_to(file_).duplicate());
  access.append({.path = "/new"});
  access.flush();
  EXPECT_EQ(read_text(directory_ / "access.log.1"), "/old\n");
  EXPECT_EQ(read_text(file_), "/new\n");
}

TEST_F(AccessLogTest, ASlowReaderLosesNothingBelowTheLimitAndNoLineIsTorn) {
  const Pipe pipe;
  AccessLog access(*Output::open("-", pipe.writer.get()), paths());
  std::string expected;
  for (int i = 0; i < 2000; ++i) {
    const std::string path = "/" + std::to_string(i) + std::string(90, 'x');
    access.append({.path = path});
    expected += path + '\n';
  }
  std::string got;
  while (got.size() < expected.size()) {
    access.flush();
    const std::string piece = pipe.drain();
    ASSERT_FALSE(piece.empty());
    EXPECT_EQ(piece.back(), '\n');
    got += piece;
  }
  EXPECT_EQ(got, expected);
  EXPECT_EQ(access.lost(), 0u);
}

TEST_F(AccessLogTest, AReaderThatStandsStillCostsLinesThatAreCountedAndSaidOnce) {
  const Pipe pipe;
  AccessLog access(*Output::open("-", pipe.writer.get()), paths());
  const std::string path(1023, 'x');
  for (int i = 0; i < 1500; ++i) access.append({.path = path});
  EXPECT_EQ(access.lost(), 1500u - 4 - 1024);  // what the pipe has, and what is kept
  ASSERT_EQ(read_lines(errors_).size(), 1u);
  EXPECT_NE(read_text(errors_).find("(EAGAIN); lines are lost"), std::string::npos);
}

TEST_F(AccessLogTest, AFullDiskIsCountedSaidOnceAndNotFatal) {
  AccessLog access(output_to("/dev/full"), paths());
  for (int i = 0; i < 3; ++i) {
    access.append({.path = "/1"});
    access.append({.path = "/2"});
    access.flush();
  }
  EXPECT_EQ(access.lost(), 6u);
  const auto lines = read_lines(errors_);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(
      lines[0].ends_with("[ERROR] accesslog: write /dev/full: No space left on device "
                         "(ENOSPC); lines are lost"))
      << lines[0];
}

TEST_F(AccessLogTest, AReaderThatIsGoneIsCountedAndNotFatal) {
  Pipe pipe;
  AccessLog access(*Output::open("-", pipe.writer.get()), paths());
  pipe.reader.reset();
  ASSERT_NE(::signal(SIGPIPE, SIG_DFL), SIG_ERR);
  access.append({.path = "/1"});
  access.flush();
  EXPECT_EQ(access.lost(), 1u);
}

TEST_F(AccessLogTest, WhenWritesSucceedAgainItIsSaidHowManyLinesAreMissing) {
  const std::string link = directory_ / "link";
  std::filesystem::create_symlink("/dev/full", link);
  AccessLog access(output_to(link), paths());
  access.append({.path = "/lost"});
  access.flush();
  std::filesystem::remove(link);
  access.use(*output_to(link).duplicate());
  access.append({.path = "/kept"});
  access.flush();
  access.append({.path = "/kept too"});
  access.flush();
  EXPECT_EQ(read_text(link), "/kept\n/kept too\n");
  EXPECT_EQ(read_lines(errors_).size(), 2u);  // that it failed, and that it works again
  EXPECT_TRUE(read_lines(errors_).back().ends_with("is written again; 1 lines were lost"));
}

TEST_F(AccessLogTest, ALineThatADiskCutOffIsEndedBeforeTheNext) {
  ASSERT_NE(::signal(SIGXFSZ, SIG_IGN), SIG_ERR);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  AccessLog access(output_to(file_), paths());
  access.append({.path = "/whole"});
  access.append({.path = "/cut"});
  const rlimit full{.rlim_cur = 9, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  access.flush();
  access.flush();
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  access.append({.path = "/next"});
  access.flush();
  EXPECT_EQ(read_text(file_), "/whole\n/c\n/next\n");
  EXPECT_EQ(access.lost(), 1u);
}

TEST_F(AccessLogTest, LinesOfSeveralProcessesInOneFileAreNeverTorn) {
  constexpr int kProcesses = 4;
  constexpr int kLines = 3000;
  std::vector<pid_t> children;
  for (int p = 0; p < kProcesses; ++p) {
    const pid_t child = ::fork();
    if (child == 0) {
      const std::string path(static_cast<std::size_t>(50 + 37 * p), static_cast<char>('a' + p));
      AccessLog access(output_to(file_), paths());
      for (int i = 0; i < kLines; ++i) {
        access.append({.path = path});
        if (i % 7 == p) access.flush();
      }
      access.flush();
      ::_exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  const auto lines = read_lines(file_);
  EXPECT_EQ(lines.size(), std::size_t{kProcesses} * kLines);
  for (const auto& line : lines) {
    ASSERT_FALSE(line.empty());
    const auto p = static_cast<std::size_t>(line[0] - 'a');
    ASSERT_EQ(line, std::string(50 + 37 * p, line[0]));
  }
}

// To wait for a reader would be to stand still, and a master never does.
TEST(OutputTest, ANamedPipeThatNobodyReadsIsAnError) {
  const TemporaryDirectory directory;
  const std::string path = directory / "pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const auto output = Output::open(path, STDOUT_FILENO);
  ASSERT_FALSE(output);
  EXPECT_NE(output.error().message.find(path), std::string::npos) << output.error().message;
}

}  // namespace
}  // namespace tollgate::log
