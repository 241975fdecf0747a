// SPDX-License-Identifier: Apache-2.0
#include "auth/tokens/claims_hook.h"

#include <gtest/gtest.h>

namespace tollgate::tokens {
namespace {

const std::vector<std::string> kReserved = {"user_id", "refresh_exp", "hash_password"};

TEST(MergeClaims, AddsAndTakesThePlaceOfWhatHasThatName) {
  const struct {
    const char* members;
    const char* object;
    const char* merged;
  } rows[] = {
      {R"("user_id":"1")", "{}", R"("user_id":"1")"},
      {R"("user_id":"1")", R"({"plan":"gold","n":[1]})", R"("user_id":"1","plan":"gold","n":[1])"},
      {R"("plan":"tin","user_id":"1")", R"({"plan":"gold"})", R"("plan":"gold","user_id":"1")"},
      {"", R"({"ü":null})", R"("ü":null)"},
  };
  for (const auto& row : rows) {
    const auto merged = merge_claims(row.members, row.object, kReserved);
    ASSERT_TRUE(merged) << row.object;
    EXPECT_EQ(*merged, row.merged);
  }
}

TEST(MergeClaims, RefusesWhatDecidesForWhomATokenHolds) {
  for (const char* name : {"token_type", "exp", "iat", "nbf", "jti", "aud", "iss", "sub", "user_id",
                           "refresh_exp", "hash_password"}) {
    const auto merged = merge_claims("", "{\"" + std::string(name) + "\":1}", kReserved);
    ASSERT_FALSE(merged) << name;
    EXPECT_EQ(merged.error().message,
              "the claims hook gave \"" + std::string(name) + "\", which is reserved");
  }
}

TEST(MergeClaims, RefusesWhatIsNoObject) {
  for (const char* text : {"", "{", "[]", "null", "\"x\"", "{} {}"}) {
    const auto merged = merge_claims(R"("user_id":"1")", text, kReserved);
    ASSERT_FALSE(merged) << text;
    EXPECT_EQ(merged.error().code, Errc::Internal);
  }
}

}  // namespace
}  // namespace tollgate::tokens
