// Makes tokens as an attacker would: any header, any payload, any key.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/crypto/base64url.h"
#include "auth/crypto/hmac.h"
#include "auth/jwt/key_ring.h"
#include "server/base/clock.h"

namespace tollgate::jwt::test {

// The key and the time of the exchanges in the recorded simplejwt project.
inline constexpr std::string_view kSecret = "peer-secret-key-0123456789abcdef-0123456789abcdef";
inline constexpr int64_t kNow = 1795343500;

inline WallTime at(int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

// A ring of one secret.
inline std::shared_ptr<const KeyRing> key(std::string_view secret = kSecret,
                                          const Algorithm& algorithm = hs256()) {
  auto made = Key::from_secret(crypto::SecretString(secret), algorithm);
  EXPECT_TRUE(made);
  return *KeyRing::of(std::move(*made));
}

inline std::vector<const Algorithm*> hmac_algorithms() {
  std::vector<const Algorithm*> out;
  for (const auto& algorithm : algorithms())
    if (algorithm.is_symmetric()) out.push_back(&algorithm);
  return out;
}

inline std::string b64(std::string_view text) { return crypto::base64url(crypto::octets(text)); }

inline std::string signature(std::string_view signing_input, std::string_view secret = kSecret,
                             crypto::Digest digest = crypto::Digest::Sha256) {
  auto hmac = crypto::Hmac::create(digest, crypto::octets(secret));
  EXPECT_TRUE(hmac);
  std::array<uint8_t, crypto::kMaxDigestSize> mac{};
  EXPECT_TRUE(hmac->sign(crypto::octets(signing_input), mac));
  return crypto::base64url(crypto::Octets(mac).first(hmac->size()));
}

// Signs parts that are base64url already, or are meant not to be.
inline std::string sign_parts(const std::string& header, const std::string& payload,
                              std::string_view secret = kSecret,
                              crypto::Digest digest = crypto::Digest::Sha256) {
  const std::string input = header + "." + payload;
  return input + "." + signature(input, secret, digest);
}

inline std::string forge(std::string_view header, std::string_view payload,
                         std::string_view secret = kSecret,
                         crypto::Digest digest = crypto::Digest::Sha256) {
  return sign_parts(b64(header), b64(payload), secret, digest);
}

inline constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";
inline constexpr std::string_view kAccess =
    R"({"token_type":"access","exp":1795343703,"iat":1795343403,)"
    R"("jti":"bcc0a850a7c24555bb5ea8723a53c21b","user_id":"1"})";

}  // namespace tollgate::jwt::test
