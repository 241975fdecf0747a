// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/key.h"

#include <gtest/gtest.h>

#include <array>

namespace tollgate::jwt {
namespace {

std::string refusal(std::string_view secret, const Algorithm& algorithm = hs256()) {
  const auto key = Key::from_secret(crypto::SecretString(secret), algorithm);
  return key ? "" : key.error().message;
}

TEST(Key, AShortSecretIsRefusedWithWhatToDo) {
  EXPECT_NE(refusal("").find("empty"), std::string::npos);
  const std::string message = refusal(std::string(31, 'k'));
  EXPECT_NE(message.find("31 bytes"), std::string::npos) << message;
  EXPECT_NE(message.find("tollgate keys generate"), std::string::npos) << message;
  EXPECT_EQ(message.find("kkk"), std::string::npos) << "the secret is shown";
  EXPECT_EQ(refusal(std::string(32, 'k')), "");
}

TEST(Key, EachAlgorithmWantsAsManyBytesAsItsDigestHas) {
  for (const auto& algorithm : algorithms()) {
    if (!algorithm.is_symmetric()) continue;
    const std::size_t size = crypto::digest_size(algorithm.digest);
    EXPECT_EQ(refusal(std::string(size, 'k'), algorithm), "") << algorithm.name;
    EXPECT_NE(refusal(std::string(size - 1, 'k'), algorithm), "") << algorithm.name;
  }
}

TEST(Key, APublicKeyIsNoSecret) {
  const std::string padding(64, 'A');
  // A P-256 SubjectPublicKeyInfo and an RSA one begin like these.
  const std::string der_short =
      std::string("\x30\x59\x30\x13\x06\x07\x2A\x86", 8) + std::string(0x59 + 2 - 8, '\x07');
  const std::string der_long =
      std::string("\x30\x82\x01\x22\x30\x0D\x06\x09", 8) + std::string(0x122 + 4 - 8, '\x07');
  // And so does a private key of RSA (RFC 8017 A.1.2).
  const std::string der_private =
      std::string("\x30\x82\x04\xA4\x02\x01\x00\x02", 8) + std::string(0x4A4 + 4 - 8, '\x07');
  // And so do certificates in PKCS #7 (RFC 2315 7).
  const std::string der_bundle =
      std::string("\x30\x82\x04\xA4\x06\x09\x2A\x86", 8) + std::string(0x4A4 + 4 - 8, '\x07');
  const std::array<std::string, 26> bad = {
      "-----BEGIN PUBLIC KEY-----\n" + padding + "\n-----END PUBLIC KEY-----\n",
      "-----BEGIN RSA PRIVATE KEY-----\n" + padding,
      "\xEF\xBB\xBF-----BEGIN CERTIFICATE-----\n" + padding,
      "\n\n # comment\n-----BEGIN PUBLIC KEY-----" + padding,
      "ssh-rsa " + padding,
      "ssh-ed25519 " + padding,
      "ecdsa-sha2-nistp256 " + padding,
      "ssh-ed448 " + padding,
      "ssh-rsa-cert-v01@openssh.com " + padding,
      "\n ssh-rsa " + padding,
      " \xEF\xBB\xBF ssh-ed25519 " + padding,
      "---- BEGIN SSH2 PUBLIC KEY ----\n" + padding,
      R"([{"kty":"RSA","n":")" + padding + R"(","e":"AQAB"}])",
      "\n\xEF\xBB\xBF {\"kty\":\"EC\",\"x\":\"" + padding + "\"}",
      "\n" + der_short,
      "\xEF\xBB\xBF" + der_long,
      der_long + "\n",
      der_long + "\r\n",
      der_short.substr(0, der_short.size() - 1),  // its last byte was a newline
      R"({"kty":"RSA","n":")" + padding + R"(","e":"AQAB"})",
      " \n{ \"kty\" : \"oct\", \"k\":\"" + padding + "\"}",
      "\xEF\xBB\xBF{\"keys\":[{\"kty\":\"EC\"}]}" + padding,
      der_short,
      der_private,
      der_bundle,
      der_long};
  for (const auto& text : bad) EXPECT_NE(refusal(text), "") << text;
}

TEST(Key, ASecretThatOnlyBeginsLikeAnotherKeyIsFine) {
  const std::array<std::string, 6> good = {
      "sk-live-" + std::string(40, 'x'),
      "0B" + std::string(66, 'x'),        // the tag and length of DER, in printable letters
      "0\x3E" + std::string(62, '\x07'),  // random bytes, the first two as if by DER
      "{not a key, but a strange secret 1234567890}",
      "django-insecure-^7#k2%&)p3)!x=g1v@m5t$e0q(z8r_w+y4u6i9o2a1s3d5f7",
      std::string("\x01\x02\xFF\x00\x7F", 5) + std::string(40, '\x80')};
  for (const auto& text : good) EXPECT_EQ(refusal(text), "") << text;
}

TEST(Key, AGeneratedKeyIsLongEnoughForAllAlgorithmsAndNew) {
  const auto one = generate_key();
  const auto two = generate_key();
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->size(), 86u);
  EXPECT_NE(one->reveal(), two->reveal());
  for (const auto& algorithm : algorithms())
    EXPECT_EQ(refusal(one->reveal(), algorithm).empty(), algorithm.is_symmetric());
}

// OpenSSL finds fault with this modulus, which has a factor that is too small, one time in 300.
TEST(Key, AModulusThatTheMasterTookIsTakenByTheWorker) {
  const std::string jwk =
      R"({"kty":"RSA","e":"AQAB","n":")"
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXErs2abWiFAhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1"
      "L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5wfC60h4"
      "QUQ5v-65YGjQR0_FDW2QvzqY368QQMitcAaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbO"
      "pbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csF"
      "Aur-kEgU8awapJzKnqDKgw"
      "\"}";
  for (int i = 0; i < 600; ++i) {
    const auto key = Key::from_jwk(jwk);
    ASSERT_TRUE(key) << i << ": " << key.error().message;
  }
}

}  // namespace
}  // namespace tollgate::jwt
