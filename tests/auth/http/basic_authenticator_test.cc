// SPDX-License-Identifier: Apache-2.0
#include "auth/http/basic_authenticator.h"

#include <gtest/gtest.h>

namespace tollgate::auth {
namespace {

TEST(ParseBasic, ReadsNameAndPassword) {
  const struct {
    const char* credentials;
    const char* name;
    const char* password;
  } rows[] = {
      {"QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame"},  // RFC 7617 2
      {" \tYTpiOmM= ", "a", "b:c"},
      {"YQ==", "a", ""},
      {"Og==", "", ""},
      {"w7w6wrU=", "ü", "µ"},
      {"fn5+Oj8/Pw==", "~~~", "???"},
  };
  for (const auto& row : rows) {
    const auto who = parse_basic(row.credentials);
    ASSERT_TRUE(who) << row.credentials;
    EXPECT_EQ(who->name, row.name);
    EXPECT_EQ(who->password, row.password);
  }
}

TEST(ParseBasic, RefusesInTheWordsOfDRF) {
  const std::pair<const char*, const char*> rows[] = {
      {"", "Invalid basic header. No credentials provided."},
      {"a b", "Invalid basic header. Credentials string should not contain spaces."},
      {"YQ", "Invalid basic header. Credentials not correctly base64 encoded."},
      {"Y===", "Invalid basic header. Credentials not correctly base64 encoded."},
      {"YTpi=", "Invalid basic header. Credentials not correctly base64 encoded."},
      {"fn5-Oj8_Pw==", "Invalid basic header. Credentials not correctly base64 encoded."},
      {"YQ==YQ==", "Invalid basic header. Credentials not correctly base64 encoded."},
  };
  for (const auto& [credentials, sentence] : rows) {
    const auto who = parse_basic(credentials);
    ASSERT_FALSE(who) << credentials;
    EXPECT_EQ(who.error(), sentence) << credentials;
  }
}

}  // namespace
}  // namespace tollgate::auth
