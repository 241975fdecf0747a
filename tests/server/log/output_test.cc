// SPDX-License-Identifier: Apache-2.0
#include "server/log/output.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "server/base/error.h"
#include "tests/server/log/temporary_directory.h"

namespace tollgate::log {
namespace {

class LinkedOutput : public testing::Test {
 protected:
  LinkedOutput() { std::filesystem::create_symlink(target_, link_); }

  const TemporaryDirectory directory_;
  const std::string target_ = directory_ / "target";
  const std::string link_ = directory_ / "access.log";
};

TEST_F(LinkedOutput, OfOursIsFollowed) {
  auto output = Output::open(link_, STDOUT_FILENO);
  ASSERT_TRUE(output) << output.error().message;
  output->write("a line\n");
  EXPECT_EQ(read_text(target_), "a line\n");
}

// Whoever may write to the log's folder would else choose which file a master of root's appends
// to, and creates.
TEST_F(LinkedOutput, OfAnotherUserIsRefusedAndWhereItLeadsIsNotTouched) {
  if (geteuid() != 0) GTEST_SKIP() << "NOT TESTED: only root can give a link away";
  ASSERT_EQ(lchown(link_.c_str(), 65534, 65534), 0);
  const auto output = Output::open(link_, STDOUT_FILENO);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().message, from_errno("open " + link_, ELOOP).message);
  EXPECT_FALSE(std::filesystem::exists(target_));
}

// Between two openings, too: rotation is when nobody looks.
TEST_F(LinkedOutput, OfAnotherUserIsRefusedWhenTheLogIsReopened) {
  if (geteuid() != 0) GTEST_SKIP() << "NOT TESTED: only root can give a link away";
  auto output = Output::open(link_, STDOUT_FILENO);
  ASSERT_TRUE(output) << output.error().message;
  ASSERT_EQ(lchown(link_.c_str(), 65534, 65534), 0);
  EXPECT_FALSE(output->reopen());
  output->write("still here\n");
  EXPECT_EQ(read_text(target_), "still here\n");
}

}  // namespace
}  // namespace tollgate::log
