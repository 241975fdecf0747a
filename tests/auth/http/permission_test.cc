// SPDX-License-Identifier: Apache-2.0
#include "auth/http/permission.h"

#include <gtest/gtest.h>

namespace tollgate::auth {
namespace {

class PermissionTest : public testing::Test {
 protected:
  bool allows(const Permission& permission) { return permission.allows(http::Request(parts_)); }

  http::RequestParts parts_;
};

TEST_F(PermissionTest, AClaimIsEqualOrInAList) {
  parts_.identity = {.authenticated = true,
                     .claims = R"({"s":"x","i":5,"t":true,"f":5.0,"l":["x",7],"o":{"x":1}})"};
  EXPECT_TRUE(allows(has_claim("s", "x")));
  EXPECT_TRUE(allows(has_claim("i", 5)));
  EXPECT_TRUE(allows(has_claim("t", true)));
  EXPECT_TRUE(allows(has_claim("l", "x")));
  EXPECT_TRUE(allows(has_claim("l", 7)));
  EXPECT_FALSE(allows(has_claim("s", "X")));
  EXPECT_FALSE(allows(has_claim("i", "5")));
  EXPECT_FALSE(allows(has_claim("i", true)));
  EXPECT_FALSE(allows(has_claim("t", 1)));
  EXPECT_FALSE(allows(has_claim("o", "x")));
  EXPECT_FALSE(allows(has_claim("none", "x")));
}

TEST_F(PermissionTest, WhoHasNoTokenHasNoClaim) {
  EXPECT_FALSE(allows(has_claim("s", "x")));
  parts_.identity.authenticated = true;  // by a password
  EXPECT_FALSE(allows(has_claim("s", "x")));
  parts_.identity = {.authenticated = false, .claims = R"({"s":"x"})"};
  EXPECT_FALSE(allows(has_claim("s", "x")));
}

TEST_F(PermissionTest, OfAnObjectItSaysWhatIsWrong) {
  const ObjectPermission<int> is_even([](const http::Request&, int n) { return n % 2 == 0; },
                                      {.message = "Odd."});
  const http::Request request(parts_);
  const auto code = [&request](const ObjectPermission<int>& permission, int n) {
    const Status status = check_object(request, permission, n);
    return status ? "" : status.error().message;
  };
  EXPECT_EQ(code(is_even, 2), "");
  EXPECT_EQ(code(is_even, 1), "Authentication credentials were not provided.");
  parts_.identity.authenticated = true;
  EXPECT_EQ(code(is_even, 1), "Odd.");
  EXPECT_EQ(code(is_even.says("Not this."), 1), "Not this.");
  EXPECT_EQ(code(is_even.hidden(), 1), "Not found.");
  EXPECT_EQ(code(is_even || is_authenticated(), 1), "");
  EXPECT_EQ(code(!is_even, 1), "");
  EXPECT_EQ(code(is_even && is_admin(), 2), "You do not have permission to perform this action.");
}

}  // namespace
}  // namespace tollgate::auth
