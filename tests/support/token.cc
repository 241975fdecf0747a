// SPDX-License-Identifier: Apache-2.0
#include "tests/support/token.h"

#include <gtest/gtest.h>

#include <array>
#include <ctime>

#include "auth/crypto/base64url.h"

namespace tollgate::test {
std::string token_payload(std::string_view type, int64_t user, int64_t expires_in) {
  const int64_t now = std::time(nullptr);
  return R"({"token_type":")" + std::string(type) + R"(","exp":)" +
         std::to_string(now + expires_in) + R"(,"iat":)" + std::to_string(now - 1) +
         R"(,"jti":"0123456789abcdef0123456789abcdef","user_id":")" + std::to_string(user) + "\"}";
}

std::string access_token_payload(int64_t user) { return token_payload("access", user, 300); }

std::string base64url(std::string_view text) { return crypto::base64url(crypto::octets(text)); }

std::string sign(std::string_view key, std::string_view payload, std::string_view header,
                 crypto::Digest digest) {
  const std::string message = base64url(header) + "." + base64url(payload);
  std::array<uint8_t, crypto::kMaxDigestSize> mac{};
  auto hmac = crypto::Hmac::create(digest, crypto::octets(key));
  EXPECT_TRUE(hmac && hmac->sign(crypto::octets(message), mac));
  return message + "." + crypto::base64url({mac.data(), crypto::digest_size(digest)});
}

}  // namespace tollgate::test
