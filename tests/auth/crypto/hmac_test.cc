// SPDX-License-Identifier: Apache-2.0
#include "auth/crypto/hmac.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace tollgate::crypto {
namespace {

std::string hex(Octets bytes) {
  std::string out;
  for (const uint8_t byte : bytes)
    for (const int nibble : {byte >> 4, byte & 15})
      out += "0123456789abcdef"[static_cast<std::size_t>(nibble)];
  return out;
}

std::string mac(Hmac& hmac, std::string_view message) {
  std::array<uint8_t, kMaxDigestSize> out{};
  EXPECT_TRUE(hmac.sign(octets(message), out));
  return hex(Octets(out).first(hmac.size()));
}

struct Vector {
  Digest digest;
  std::string key;
  std::string_view message;
  std::string_view mac;
};

// RFC 4231, cases 1, 2 and 6 (a key longer than a block).
const std::string long_key(131, '\xAA');
constexpr std::string_view kLongMessage = "Test Using Larger Than Block-Size Key - Hash Key First";
const std::array vectors = {
    Vector{Digest::Sha256, std::string(20, '\x0B'), "Hi There",
           "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    Vector{Digest::Sha256, "Jefe", "what do ya want for nothing?",
           "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    Vector{Digest::Sha256, long_key, kLongMessage,
           "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    Vector{Digest::Sha384, "Jefe", "what do ya want for nothing?",
           "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
           "8e2240ca5e69e2c78b3239ecfab21649"},
    Vector{Digest::Sha384, long_key, kLongMessage,
           "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
           "0c2ef6ab4030fe8296248df163f44952"},
    Vector{Digest::Sha512, "Jefe", "what do ya want for nothing?",
           "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
           "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
    Vector{Digest::Sha512, long_key, kLongMessage,
           "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
           "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
};

TEST(Hmac, GivesTheMacsOfRfc4231EachTimeAndInAClone) {
  for (const auto& vector : vectors) {
    auto hmac = Hmac::create(vector.digest, octets(vector.key));
    ASSERT_TRUE(hmac);
    EXPECT_EQ(mac(*hmac, vector.message), vector.mac);
    EXPECT_EQ(mac(*hmac, vector.message), vector.mac);
    auto clone = hmac->clone();
    ASSERT_TRUE(clone);
    EXPECT_EQ(mac(*clone, vector.message), vector.mac);
  }
}

TEST(Hmac, VerifiesTheWholeMacAndNothingElse) {
  auto hmac = Hmac::create(Digest::Sha256, octets("key"));
  ASSERT_TRUE(hmac);
  std::array<uint8_t, kMaxDigestSize> out{};
  ASSERT_TRUE(hmac->sign(octets("message"), out));
  EXPECT_TRUE(hmac->verify(octets("message"), Octets(out).first(32)));
  EXPECT_FALSE(hmac->verify(octets("massage"), Octets(out).first(32)));
  for (const std::size_t size : {0, 1, 31, 33, 64})
    EXPECT_FALSE(hmac->verify(octets("message"), Octets(out).first(size))) << size;
  for (std::size_t i = 0; i < 32; ++i) {
    out[i] ^= 1;
    EXPECT_FALSE(hmac->verify(octets("message"), Octets(out).first(32))) << i;
    out[i] ^= 1;
  }
}

}  // namespace
}  // namespace tollgate::crypto
