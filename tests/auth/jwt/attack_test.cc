// Known attacks on JWT libraries (RFC 8725 2): every one is refused as "Token is invalid", and
// none is told apart from a wrong signature. What is refused although it is signed, over all
// algorithms: attack_content_test.cc. Of asymmetric keys: attack_signature_test.cc.
// SPDX-License-Identifier: Apache-2.0
#include "tests/auth/jwt/attack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace tollgate::jwt {
namespace {

using namespace test;
using namespace std::string_literals;
using crypto::Digest;

// With one HMAC key.
void expect(const std::vector<Attack>& attacks) {
  expect_refused(key(), forge(kHeader, kAccess), attacks);
}

std::string with_header(const std::string& header) { return forge(header, kAccess); }

TEST(Attack, TheAlgorithmIsTheKeysAndNotTheTokens) {
  std::vector<Attack> attacks;
  for (const std::string alg : {"none", "None", "NONE", "nOnE", " none", "none ", ""}) {
    const std::string header = R"({"alg":")" + alg + R"(","typ":"JWT"})";
    const std::string unsigned_token = b64(header) + "." + b64(kAccess) + ".";
    attacks.push_back({"alg '" + alg + "' unsigned", unsigned_token});
    attacks.push_back({"alg '" + alg + "' with rubbish", unsigned_token + "AAAA"});
    attacks.push_back({"alg '" + alg + "' signed", with_header(header)});
  }
  for (const std::string alg :
       {"null", "[\"HS256\"]", "256", "{}", "true", "\"hs256\"", "\"HS256 \"", "\"HS256\\u0000\"",
        "\"HS384\"", "\"RS256\"", "\"PS256\"", "\"ES256\"", "\"EdDSA\"", "\"HS2566\"", "\"HS25\""})
    attacks.push_back({"alg " + alg, with_header(R"({"alg":)" + alg + "}")});
  attacks.push_back({"alg missing", with_header(R"({"typ":"JWT"})")});
  attacks.push_back({"header {}", with_header("{}")});
  attacks.push_back({"HS512 with the same key",
                     forge(R"({"alg":"HS512","typ":"JWT"})", kAccess, kSecret, Digest::Sha512)});
  attacks.push_back({"HS384 with the same key",
                     forge(R"({"alg":"HS384","typ":"JWT"})", kAccess, kSecret, Digest::Sha384)});
  attacks.push_back(
      {"HS256, but the MAC is SHA-512's", forge(kHeader, kAccess, kSecret, Digest::Sha512)});
  attacks.push_back(
      {"ES256 with a signature of zeros (CVE-2022-21449)",
       b64(R"({"alg":"ES256"})") + "." + b64(kAccess) + "." + b64(std::string(64, 0))});
  expect(attacks);
}

TEST(Attack, TheSignatureIsWholeAndOfOurKey) {
  const std::string good = forge(kHeader, kAccess);
  const std::string input = good.substr(0, good.rfind('.'));
  const std::string mac = good.substr(good.rfind('.') + 1);
  std::string flipped = mac;
  flipped[0] = flipped[0] == 'A' ? 'B' : 'A';
  std::string last_bits = mac;  // the same bytes, other pad bits
  last_bits.back() = static_cast<char>(last_bits.back() + 1);
  std::string other_alphabet = mac;  // the same bytes again
  std::ranges::replace(other_alphabet, '_', '/');
  std::ranges::replace(other_alphabet, '-', '+');
  ASSERT_NE(other_alphabet, mac);
  expect({
      {"another key", forge(kHeader, kAccess, "another-secret-of-at-least-32-bytes!")},
      {"the empty key", forge(kHeader, kAccess, "")},
      {"stripped", input + "."},
      {"no third part", input},
      {"cut by a character", good.substr(0, good.size() - 1)},
      {"cut to a byte", input + "." + mac.substr(0, 2)},
      {"cut to 128 bits", input + "." + mac.substr(0, 22)},
      {"longer", good + "AA"},
      {"flipped", input + "." + flipped},
      {"another claim", b64(kHeader) + "." + b64(R"({"user_id":"3"})") + "." + mac},
      {"of the payload alone", b64(kHeader) + "." + b64(kAccess) + "." + signature(b64(kAccess))},
      {"padded", good + "="},
      {"non-zero pad bits", input + "." + last_bits},
      {"the other alphabet", input + "." + other_alphabet},
      {"a newline", good + "\n"},
      {"a space in front", " " + good},
      {"a NUL", good + "\0"s},
  });
}

TEST(Attack, KeysThatTheTokenBringsAlongAreNotUsed) {
  const std::string attacker = "attackers-own-secret-of-32-bytes-or-more";
  expect({
      {"jwk", forge(R"({"alg":"HS256","jwk":{"kty":"oct","k":")" + b64(attacker) + R"("}})",
                    kAccess, attacker)},
      {"jku",
       forge(R"({"alg":"HS256","jku":"https://attacker.example/jwks.json"})", kAccess, attacker)},
      {"x5u",
       forge(R"({"alg":"HS256","x5u":"https://attacker.example/x.pem"})", kAccess, attacker)},
      {"x5c", forge(R"({"alg":"HS256","x5c":["AAAA"]})", kAccess, attacker)},
      {"kid a file", forge(R"({"alg":"HS256","kid":"../../../../dev/null"})", kAccess, "")},
      {"kid SQL", forge(R"({"alg":"HS256","kid":"' OR 1=1; --"})", kAccess, attacker)},
      {"kid a number", with_header(R"({"alg":"HS256","kid":1})")},
      {"kid an array", with_header(R"({"alg":"HS256","kid":["a"]})")},
      {"kid null", with_header(R"({"alg":"HS256","kid":null})")},
      {"kid of 3 kB", with_header(R"({"alg":"HS256","kid":")" + std::string(3000, 'k') + "\"}")},
      {"kid of 1 MB", with_header(R"({"alg":"HS256","kid":")" + std::string(1 << 20, 'k') + "\"}")},
  });
}

}  // namespace
}  // namespace tollgate::jwt
