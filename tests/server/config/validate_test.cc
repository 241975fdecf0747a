// SPDX-License-Identifier: Apache-2.0
#include "server/config/validate.h"

#include <gtest/gtest.h>

namespace tollgate {
namespace {

// The settings that are to be changed, each with a blank behind it.
std::string wrong(const Config& config) {
  std::string out;
  for (const Violation& violation : validate(config)) out += std::string(violation.option) + " ";
  return out;
}

TEST(TokenSettings, ABlacklistingThatWouldDoNothingIsAnError) {
  EXPECT_EQ(wrong({.blacklist_after_rotation = true}), "blacklist_after_rotation ");
  EXPECT_EQ(wrong({.token_blacklist = true, .blacklist_after_rotation = true}), "");
}

TEST(TokenSettings, ClaimsHaveNamesOfTheirOwn) {
  EXPECT_EQ(wrong({.user_id_claim = ""}), "user_id_claim ");
  EXPECT_EQ(wrong({.user_id_claim = "jti"}), "user_id_claim ");
  EXPECT_EQ(wrong({.user_id_claim = "x", .revoke_token_claim = "x"}), "revoke_token_claim ");
  EXPECT_EQ(wrong({.sliding_token_refresh_exp_claim = "exp"}), "sliding_token_refresh_exp_claim ");
}

TEST(TokenSettings, TheSubjectIsAString) {
  EXPECT_EQ(wrong({.user_id_claim = "sub"}), "");
  EXPECT_EQ(wrong({.user_id_type = UserIdType::Integer, .user_id_claim = "sub"}), "user_id_type ");
}

}  // namespace
}  // namespace tollgate
