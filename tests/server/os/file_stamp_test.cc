// SPDX-License-Identifier: Apache-2.0
#include "server/os/file_stamp.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temp_dir.h"

namespace tollgate::os {
namespace {

TEST(FileStamp, IsAnotherWhenTheFileMayBeReadByOthers) {
  const test::TempDir directory;
  const std::string path = directory / "keys.json";
  test::write_file(path, "text");
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  const FileStamp before = file_stamp(path);
  EXPECT_EQ(file_stamp(path), before);
  const auto may_be_read = [&] {
    chmod(path.c_str(), 0600);
    return file_stamp(path) != before;
  };
  // The clock of a file system has steps of some milliseconds.
  for (int i = 0; i < 100'000 && !may_be_read(); ++i) continue;
  EXPECT_TRUE(may_be_read());
}

TEST(FileStamp, OfNoFileIsEmpty) { EXPECT_EQ(file_stamp("/nonexistent/file"), FileStamp()); }

}  // namespace
}  // namespace tollgate::os
