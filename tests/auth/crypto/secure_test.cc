// SPDX-License-Identifier: Apache-2.0
#include "auth/crypto/secure.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <type_traits>

namespace tollgate::crypto {
namespace {

TEST(Secure, AUuidIsRandomAndOfVersion4) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto uuid = uuid4_hex();
    ASSERT_TRUE(uuid);
    const std::string text(uuid->data(), uuid->size());
    EXPECT_EQ(text.find_first_not_of("0123456789abcdef"), std::string::npos) << text;
    EXPECT_EQ(text[12], '4') << text;
    EXPECT_NE(std::string("89ab").find(text[16]), std::string::npos) << text;
    seen.insert(text);
  }
  EXPECT_EQ(seen.size(), 100u);
}

TEST(Secure, RandomTextUsesAllOfTheAlphabetEqually) {
  const auto text = random_text(30000, "abc");
  ASSERT_TRUE(text);
  ASSERT_EQ(text->size(), 30000u);
  for (const char c : {'a', 'b', 'c'}) {
    const auto count = std::count(text->begin(), text->end(), c);
    EXPECT_NEAR(static_cast<double>(count), 10000.0, 600.0) << c;  // over seven sigma
  }
}

TEST(Secure, ComparesSizesAndBytes) {
  EXPECT_TRUE(equal_in_constant_time(octets("abc"), octets("abc")));
  EXPECT_TRUE(equal_in_constant_time({}, {}));
  EXPECT_FALSE(equal_in_constant_time(octets("abc"), octets("abd")));
  EXPECT_FALSE(equal_in_constant_time(octets("abc"), octets("ab")));
}

TEST(Secure, ASecretStringMovesAndNeverCopies) {
  static_assert(!std::is_copy_constructible_v<SecretString>);
  SecretString one("secret");
  const SecretString two = std::move(one);
  EXPECT_EQ(two.reveal(), "secret");
  EXPECT_TRUE(one.reveal().empty());  // NOLINT: that is the promise
  EXPECT_TRUE(SecretString().reveal().empty());
}

TEST(Secure, TakingASecretWipesWhereItWas) {
  std::string text = "a secret that is longer than the small-string buffer";
  const char* was = text.data();
  const SecretString secret = SecretString::take(text);
  EXPECT_EQ(secret.reveal(), "a secret that is longer than the small-string buffer");
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(was[5], '\0');  // cleared, but still allocated
}

}  // namespace
}  // namespace tollgate::crypto
