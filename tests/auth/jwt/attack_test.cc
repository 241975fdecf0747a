// Known attacks on JWT libraries: every one is refused as "Token is invalid" (or
// "wrong type"), and none is told apart from a wrong signature.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "auth/jwt/verifier.h"
#include "tests/auth/jwt/forge.h"

namespace tollgate::jwt {
namespace {

using namespace test;
using namespace std::string_literals;
using crypto::Digest;

struct Attack {
  std::string name;
  std::string token;
};

class AttackTest : public testing::Test {
 protected:
  void expect(const std::vector<Attack>& attacks, Refusal refusal = Refusal::Invalid,
              TokenType type = TokenType::Access) {
    auto verifier = Verifier::create(key());
    ASSERT_TRUE(verifier);
    for (const auto& [name, token] : attacks) {
      const auto verified = verifier->verify(token, Policy{.type = type}, at(kNow));
      ASSERT_FALSE(verified) << name;
      EXPECT_EQ(verified.error(), refusal) << name;
    }
    // The verifier has not been hurt.
    EXPECT_TRUE(verifier->verify(forge(kHeader, kAccess), Policy{}, at(kNow)));
  }
};

std::string with_header(const std::string& header) { return forge(header, kAccess); }
std::string with_payload(const std::string& payload) { return forge(kHeader, payload); }
// A payload that is fine but for what is added.
std::string with_claim(const std::string& claim) {
  return with_payload(R"({"token_type":"access","jti":"a","user_id":1,"exp":1795343703,)" + claim +
                      "}");
}
std::string with_exp(const std::string& exp) {
  return with_payload(R"({"token_type":"access","jti":"a","user_id":1,"exp":)" + exp + "}");
}

TEST_F(AttackTest, TheAlgorithmIsTheKeysAndNotTheTokens) {
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

TEST_F(AttackTest, TheSignatureIsWholeAndOfOurKey) {
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

TEST_F(AttackTest, KeysThatTheTokenBringsAlongAreNotUsed) {
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

TEST_F(AttackTest, ExtensionsThatWeDoNotHaveAreRefused) {
  expect({
      {"crit unknown", with_header(R"({"alg":"HS256","crit":["x"],"x":1})")},
      {"crit empty", with_header(R"({"alg":"HS256","crit":[]})")},
      {"crit no list", with_header(R"({"alg":"HS256","crit":"x"})")},
      {"crit null", with_header(R"({"alg":"HS256","crit":null})")},
      {"crit twice", with_header(R"({"alg":"HS256","crit":["x"],"crit":["x"],"x":1})")},
      {"crit names what is absent", with_header(R"({"alg":"HS256","crit":["absent"]})")},
      {"crit in disguise", with_header(R"({"alg":"HS256","\u0063rit":["x"]})")},
      {"b64 false, critical", with_header(R"({"alg":"HS256","b64":false,"crit":["b64"]})")},
      {"b64 false", with_header(R"({"alg":"HS256","b64":false})")},
      {"b64 false with a raw payload",
       sign_parts(b64(R"({"alg":"HS256","b64":false,"crit":["b64"]})"), std::string(kAccess))},
      {"zip with a deflated payload",
       sign_parts(b64(R"({"alg":"HS256","zip":"DEF"})"), b64("\xAB\x56\x2A\x4E\x2D\x02\x00"))},
  });
}

TEST_F(AttackTest, OnlyCompactSignedTokensAreTokens) {
  expect({
      {"empty", ""},
      {"dots", ".."},
      {"rubbish", "garbage"},
      {"JWE, five parts", b64(R"({"alg":"dir","enc":"A128GCM"})") + ".." + b64("iv") + "." +
                              b64("ct") + "." + b64("t")},
      {"JWE, PBES2 with 2^31 rounds",
       b64(R"({"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2147483648,"p2s":"AAAA"})") +
           ".a.b.c.d"},
      {"PBES2 in three parts", with_header(R"({"alg":"PBES2-HS256+A128KW","p2c":2147483648})")},
      {"JSON serialization", R"({"payload":")" + b64(kAccess) + R"(","protected":")" +
                                 b64(kHeader) + R"(","signature":")" +
                                 signature(b64(kHeader) + "." + b64(kAccess)) + "\"}"},
      {"four parts", forge(kHeader, kAccess) + ".AAAA"},
      {"two tokens", forge(kHeader, kAccess) + "," + forge(kHeader, kAccess)},
      {"over 8 KiB", with_claim(R"("x":")" + std::string(8192, 'x') + "\"")},
      {"100 000 dots", std::string(100000, '.')},
      {"non-ASCII", "t\xC3\xB6k\xC3\xA9n.a.b"},
  });
}

TEST_F(AttackTest, HeadersAreStrictJson) {
  const std::string alg = R"("alg":"HS256")";
  expect({
      {"a list", with_header("[" + alg.substr(0, 5) + "]")},
      {"a string", with_header("\"HS256\"")},
      {"not JSON", with_header("alg=HS256")},
      {"empty", sign_parts("", b64(kAccess))},
      {"alg twice", with_header("{" + alg + "," + alg + "}")},
      {"alg twice, none first", with_header(R"({"alg":"none",)" + alg + "}")},
      {"alg twice, one escaped", with_header("{" + alg + R"(,"\u0061lg":"none"})")},
      {"kid twice", with_header("{" + alg + R"(,"kid":"a","kid":"b"})")},
      {"trailing bytes", with_header("{" + alg + "}x")},
      {"a second object", with_header("{" + alg + "}{}")},
      {"trailing NUL", with_header("{" + alg + "}\0"s)},
      {"trailing comma", with_header("{" + alg + ",}")},
      {"a comment", with_header("{/**/" + alg + "}")},
      {"single quotes", with_header("{'alg':'HS256'}")},
      {"BOM", with_header("\xEF\xBB\xBF{" + alg + "}")},
      {"invalid UTF-8", with_header("{" + alg + ",\"x\":\"\xFF\"}")},
      {"overlong UTF-8", with_header("{" + alg + ",\"x\":\"\xC0\xAF\"}")},
      {"a lone surrogate", with_header("{" + alg + R"(,"x":"\ud800"})")},
      {"NUL in a string", with_header("{" + alg + R"(,"x":"a\u0000b"})")},
      {"NUL in a name", with_header("{" + alg + R"(,"a\u0000b":1})")},
      {"deep",
       with_header("{" + alg + ",\"x\":" + std::string(500, '[') + std::string(500, ']') + "}")},
      {"padded base64", sign_parts(b64("{" + alg + "} ") + "=", b64(kAccess))},
      {"spaces in base64", sign_parts(b64(kHeader) + " ", b64(kAccess))},
  });
}

TEST_F(AttackTest, PayloadsAreStrictJson) {
  std::string members;
  for (int i = 0; i < 600; ++i) members += "\"" + std::to_string(i) + "\":1,";
  const std::string open(2500, '[');
  const std::string close(2500, ']');
  const std::string good(kAccess);
  expect({
      {"a list", with_payload("[" + good + "]")},
      {"a string", with_payload("\"x\"")},
      {"not JSON", with_payload("user_id=1")},
      {"trailing bytes", with_payload(good + "x")},
      {"trailing brace", with_payload(good + "}")},
      {"exp twice", with_claim(R"("exp":9999999999)")},
      {"exp twice, one escaped", with_claim(R"("e\u0078p":9999999999)")},
      {"user_id twice", with_claim(R"("user_id":3)")},
      {"user_id twice among 600 members", with_claim(members + R"("user_id":3)")},
      {"a name twice, deeper", with_claim(R"("x":{"a":1,"a":2})")},
      {"deep nesting", with_claim("\"x\":" + open + close)},
      {"33 levels", with_claim("\"x\":" + open.substr(0, 32) + close.substr(0, 32))},
      {"BOM", with_payload("\xEF\xBB\xBF" + good)},
      {"invalid UTF-8", with_claim("\"x\":\"\xFF\"")},
      {"overlong UTF-8", with_claim("\"x\":\"\xC0\xAF\"")},
      {"NUL in a string", with_claim(R"("x":"\u0000")")},
      {"a raw NUL", with_claim("\"x\":\"\0\""s)},
      {"a raw newline in a string", with_claim("\"x\":\"\n\"")},
      {"a number too large", with_claim(R"("x":18446744073709551616)")},
      {"a leading zero", with_claim(R"("x":01)")},
      {"NaN", with_claim(R"("x":NaN)")},
      {"UTF-16", with_payload("{\0}\0"s)},
      {"base64 with padding", sign_parts(b64(kHeader), b64(good + " ") + "=")},
      {"base64 with a newline", sign_parts(b64(kHeader), b64(good) + "\n")},
      {"base64 of the other alphabet", sign_parts(b64(kHeader), "e+/9")},
      {"base64 with pad bits", sign_parts(b64(kHeader), b64("{ }").substr(0, 3) + "B" + "Zh")},
  });
}

TEST_F(AttackTest, DatesAreNumbersInReach) {
  std::vector<Attack> attacks;
  for (const std::string exp : {"\"1795343703\"", "\"junk\"", "1e400", "-1e400", "NaN", "Infinity",
                                "null", "[]", "{}", "1000000000000000000", "253402300800", "1e300"})
    attacks.push_back({"exp " + exp, with_exp(exp)});
  for (const std::string date : {"\"1\"", "null", "true", "[]", "1e300"}) {
    attacks.push_back({"iat " + date, with_claim("\"iat\":" + date)});
    attacks.push_back({"nbf " + date, with_claim("\"nbf\":" + date)});
  }
  attacks.push_back({"sub a number", with_claim(R"("sub":1)")});
  attacks.push_back(
      {"jti a number",
       with_payload(R"({"token_type":"access","jti":5,"user_id":1,"exp":1795343703})")});
  attacks.push_back(
      {"jti null",
       with_payload(R"({"token_type":"access","jti":null,"user_id":1,"exp":1795343703})")});
  expect(attacks);
}

TEST_F(AttackTest, OneTypeIsNotUsedForAnother) {
  const std::string rest = R"(","exp":1795343703,"jti":"a","user_id":"1"})";
  expect({{"refresh as access", with_payload(R"({"token_type":"refresh)" + rest)},
          {"sliding as access", with_payload(R"({"token_type":"sliding)" + rest)},
          {"Access, with a capital", with_payload(R"({"token_type":"Access)" + rest)}},
         Refusal::WrongType);
  expect({{"access as refresh", with_payload(R"({"token_type":"access)" + rest)}},
         Refusal::WrongType, TokenType::Refresh);
}

}  // namespace
}  // namespace tollgate::jwt
