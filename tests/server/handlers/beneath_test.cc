// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/beneath.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "tests/support/temp_dir.h"

namespace tollgate::handlers {
namespace {

using test::TempDir;
using test::write_file;

struct Tree {
  Tree() {
    std::filesystem::create_directories(outer / "www/sub/deep");
    write_file(outer / "secret", "secret");
    write_file(outer / "www/file", "file");
    write_file(outer / "www/sub/deep/file", "deep");
    std::filesystem::create_symlink("sub/deep/file", outer / "www/inside");
    std::filesystem::create_symlink("../file", outer / "www/sub/up");
    std::filesystem::create_directory_symlink("sub/deep", outer / "www/way");
    std::filesystem::create_symlink("../secret", outer / "www/relative");
    std::filesystem::create_symlink(outer / "secret", outer / "www/absolute");
    std::filesystem::create_symlink(outer / "www/file", outer / "www/absolute-inside");
    std::filesystem::create_directory_symlink("..", outer / "www/parent");
    std::filesystem::create_symlink("/proc/self/root/etc/passwd", outer / "www/magic");
    std::filesystem::create_symlink("loop", outer / "www/loop");
  }
  Beneath open(Beneath::Walk walk) const {
    return {UniqueFd(::open((outer / "www").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)), walk};
  }
  TempDir outer;
};

// "": the error is in errno's place.
std::string read(const Beneath& beneath, const std::string& path, int& error) {
  const auto fd = beneath.open_file(path);
  error = fd ? 0 : fd.error();
  std::string bytes(100, '\0');
  const ssize_t count = fd ? ::read(fd->get(), bytes.data(), bytes.size()) : 0;
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

TEST(Beneath, NoPathLeadsOut) {
  const Tree tree;
  struct {
    const char* path;
    const char* whole;       // by openat2; "": refused
    const char* components;  // without it
  } const rows[] = {
      {"file", "file", "file"},  {"sub/deep/file", "deep", "deep"},
      {"inside", "deep", ""},    {"sub/up", "file", ""},
      {"way/file", "deep", ""},  {"relative", "", ""},
      {"absolute", "", ""},      {"absolute-inside", "", ""},
      {"parent/secret", "", ""}, {"parent/www/file", "", ""},
      {"magic", "", ""},         {"loop", "", ""},
      {"../secret", "", ""},     {"sub/../../secret", "", ""},
      {"/etc/passwd", "", ""},   {"sub/nothing", "", ""},
      {"file/file", "", ""},
  };
  const auto kernel = Beneath::open(tree.outer / "www");
  ASSERT_TRUE(kernel);
  const Beneath components = tree.open(Beneath::Walk::ByComponents);
  for (const auto& row : rows) {
    int error = 0;
    EXPECT_EQ(read(*kernel, row.path, error), row.whole) << row.path;
    EXPECT_EQ(error == 0, *row.whole != '\0') << row.path;
    EXPECT_EQ(read(components, row.path, error), row.components) << row.path;
    EXPECT_EQ(error == 0, *row.components != '\0') << row.path;
  }
}

TEST(Beneath, APipeWithoutAWriterHoldsUpNobody) {
  const Tree tree;
  ASSERT_EQ(mkfifo((tree.outer / "www/pipe").c_str(), 0600), 0);
  for (const auto walk : {Beneath::Walk::AsAWhole, Beneath::Walk::ByComponents})
    EXPECT_TRUE(tree.open(walk).open_file("pipe"));
}

TEST(Beneath, StaysTheDirectoryThatWasOpened) {
  const Tree tree;
  const auto beneath = Beneath::open(tree.outer / "www");
  std::filesystem::rename(tree.outer / "www", tree.outer / "old");
  std::filesystem::create_directory(tree.outer / "www");
  int error = 0;
  EXPECT_EQ(read(*beneath, "file", error), "file");
  EXPECT_FALSE(Beneath::open(tree.outer / "nothing"));
  EXPECT_FALSE(Beneath::open(tree.outer / "secret"));
}

}  // namespace
}  // namespace tollgate::handlers
