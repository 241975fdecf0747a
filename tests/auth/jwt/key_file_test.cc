// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace tollgate::jwt {
namespace {

class KeyFile : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/tollgate_key_XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    directory_ = name;
    path_ = directory_ + "/key";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  void write(const std::string& text, mode_t mode = 0600) const {
    std::ofstream(path_, std::ios::binary) << text;
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
  }
  std::string directory_;
  std::string path_;
};

TEST_F(KeyFile, OneNewlineAtTheEndIsNotPartOfTheSecret) {
  const std::string secret(40, 'k');
  write(secret + "\n");
  EXPECT_EQ(read_key_file(path_)->text.reveal(), secret);
  write(secret);
  EXPECT_EQ(read_key_file(path_)->text.reveal(), secret);
  write(secret + "\n\n");
  EXPECT_EQ(read_key_file(path_)->text.reveal(), secret + "\n");
}

TEST_F(KeyFile, AFileThatOthersReadIsLoadedWithAWarning) {
  write(std::string(40, 'k'));
  EXPECT_EQ(read_key_file(path_)->warning, "");
  for (const mode_t mode : {0640u, 0604u}) {
    write(std::string(40, 'k'), mode);
    EXPECT_NE(read_key_file(path_)->warning.find("chmod 600 " + path_), std::string::npos);
  }
}

TEST_F(KeyFile, ErrorsNameThePath) {
  EXPECT_NE(read_key_file(path_).error().message.find(path_), std::string::npos);
  write(std::string(270000, 'k'));
  EXPECT_NE(read_key_file(path_).error().message.find("256 KiB"), std::string::npos);
  EXPECT_NE(read_key_file(directory_).error().message.find(directory_), std::string::npos);
}

}  // namespace
}  // namespace tollgate::jwt
