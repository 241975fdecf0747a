// SPDX-License-Identifier: Apache-2.0
#include "server/os/sealed_copy.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "server/os/small_file.h"
#include "tests/server/os/temporary_folder.h"

namespace tollgate::os {
namespace {

std::string through_proc(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

TEST(SealedCopy, IsTheFileAsItWas) {
  const TemporaryFolder folder;
  const std::string path = folder.file("libnotes.so");
  std::ofstream(path) << "old";
  const auto copy = sealed_copy(path);
  ASSERT_TRUE(copy) << copy.error().message;
  std::ofstream(path) << "new";
  EXPECT_EQ(read_small_file(through_proc(copy->get())), "old");
}

TEST(SealedCopy, NobodyCanChangeIt) {
  const TemporaryFolder folder;
  std::ofstream(folder.file("x")) << "text";
  const auto copy = sealed_copy(folder.file("x"));
  ASSERT_TRUE(copy);
  EXPECT_EQ(pwrite(copy->get(), "y", 1, 0), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(ftruncate(copy->get(), 0), -1);
  EXPECT_EQ(fcntl(copy->get(), F_ADD_SEALS, F_SEAL_WRITE), -1);
}

TEST(SealedCopy, CarriesTheFilesName) {
  const TemporaryFolder folder;
  std::ofstream(folder.file("libnotes.so")) << "x";
  const auto copy = sealed_copy(folder.file("libnotes.so"));
  ASSERT_TRUE(copy);
  const auto target = std::filesystem::read_symlink(through_proc(copy->get())).string();
  EXPECT_NE(target.find("memfd:libnotes.so"), std::string::npos) << target;
}

TEST(SealedCopy, ALargeFileIsCopiedWhole) {
  const TemporaryFolder folder;
  std::ofstream(folder.file("x")) << std::string((16 << 20) + 7, 'x');
  const auto copy = sealed_copy(folder.file("x"));
  ASSERT_TRUE(copy);
  struct stat info;
  ASSERT_EQ(fstat(copy->get(), &info), 0);
  EXPECT_EQ(info.st_size, (16 << 20) + 7);
}

TEST(SealedCopy, WhatCannotBeCopiedIsNamed) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo(folder.file("fifo").c_str(), 0600), 0);
  for (const char* name : {"absent", "fifo", "."}) {
    const auto copy = sealed_copy(folder.file(name));
    ASSERT_FALSE(copy);
    EXPECT_NE(copy.error().message.find(folder.file(name)), std::string::npos);
  }
}

}  // namespace
}  // namespace tollgate::os
