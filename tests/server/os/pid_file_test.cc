// SPDX-License-Identifier: Apache-2.0
#include "server/os/pid_file.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "server/os/small_file.h"
#include "tests/server/os/temporary_folder.h"

namespace tollgate::os {
namespace {

class PidFileTest : public testing::Test {
 protected:
  void write(const std::string& text) const { std::ofstream(path_) << text; }
  std::string content() const { return read_small_file(path_).value_or("(none)"); }
  std::string own() const { return std::to_string(getpid()) + "\n"; }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.file("tollgate.pid");
};

TEST_F(PidFileTest, LivesAsLongAsItsOwner) {
  {
    const auto file = PidFile::create(path_);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(content(), own());
  }
  EXPECT_EQ(content(), "(none)");
  EXPECT_TRUE(std::filesystem::is_empty(folder_.file("")));  // nothing temporary is left
}

TEST_F(PidFileTest, ARunningProcessKeepsItsFile) {
  const std::string text = std::to_string(getppid()) + "\n";
  write(text);
  const auto file = PidFile::create(path_);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, Errc::Conflict);
  EXPECT_NE(file.error().message.find(path_), std::string::npos);
  EXPECT_EQ(content(), text);
}

TEST_F(PidFileTest, AStaleOrSenselessFileIsReplaced) {
  const pid_t dead = fork();
  if (dead == 0) _exit(0);
  ASSERT_EQ(waitpid(dead, nullptr, 0), dead);
  for (const std::string& text : {std::to_string(dead) + "\n", std::string(), std::string("x\n"),
                                  std::string("-1\n"), std::string("0\n"), own()}) {
    write(text);
    const auto file = PidFile::create(path_);
    ASSERT_TRUE(file) << text;
    EXPECT_EQ(content(), own());
  }
}

TEST_F(PidFileTest, AnothersFileIsNotRemoved) {
  {
    const auto file = PidFile::create(path_);
    ASSERT_TRUE(file);
    write("1\n");
  }
  EXPECT_EQ(content(), "1\n");
}

TEST_F(PidFileTest, AChildDoesNotRemoveIt) {
  auto file = PidFile::create(path_);
  ASSERT_TRUE(file);
  const pid_t child = fork();
  if (child == 0) {
    { const PidFile copy = std::move(*file); }
    _exit(0);
  }
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_EQ(content(), own());
}

TEST_F(PidFileTest, MovesOverAnothersInOneStep) {
  write("1\n");
  {
    auto file = PidFile::create(path_ + ".2");
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->move_to(path_));
    EXPECT_EQ(content(), own());
    EXPECT_FALSE(std::filesystem::exists(path_ + ".2"));
  }
  EXPECT_EQ(content(), "(none)");
}

TEST_F(PidFileTest, IsRemovedInThePlaceOfItsProcessAlone) {
  write(own());
  remove_pid_file(path_, getpid() + 1);
  EXPECT_EQ(content(), own());
  remove_pid_file(path_, getpid());
  EXPECT_EQ(content(), "(none)");
}

TEST_F(PidFileTest, AFolderThatIsNotThereIsNamed) {
  const auto file = PidFile::create(folder_.file("no/such.pid"));
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message.find("no/such.pid"), std::string::npos);
  EXPECT_NE(file.error().message.find("ENOENT"), std::string::npos);
}

}  // namespace
}  // namespace tollgate::os
