// SPDX-License-Identifier: Apache-2.0
#include "auth/users/database_url.h"

#include <gtest/gtest.h>

namespace tollgate::users {
namespace {

TEST(DatabaseUrl, IsSqliteAndAPath) {
  EXPECT_EQ(parse_database_url("sqlite:/var/lib/x.db")->path, "/var/lib/x.db");
  EXPECT_EQ(parse_database_url("sqlite:state.db")->path, "state.db");
  EXPECT_EQ(parse_database_url("sqlite:a:b c.db")->path, "a:b c.db");
}

TEST(DatabaseUrl, AnythingElseIsAnErrorThatSaysWhatThereIs) {
  using namespace std::string_view_literals;
  for (const auto bad : {""sv, "state.db"sv, "sqlite:"sv, "SQLITE:x"sv, "sqlite::memory:"sv,
                         "sqlite:///x"sv, "postgresql://host/db"sv, "sqlite:a\0b"sv}) {
    const auto url = parse_database_url(bad);
    ASSERT_FALSE(url) << bad;
    EXPECT_NE(url.error().message.find("sqlite:"), std::string::npos) << url.error().message;
  }
}

TEST(DatabaseUrl, PasswordsAreNotRepeated) {
  const auto url = parse_database_url("postgresql://user:hunter2@host/db");
  ASSERT_FALSE(url);
  EXPECT_NE(url.error().message.find("postgresql:"), std::string::npos);
  EXPECT_EQ(url.error().message.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace tollgate::users
