// Attacks by who can sign, or got a signature: malformed, mistyped and extended tokens, each with a
// signature that holds, over every algorithm. All are "Token is invalid" (or "wrong type").
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/auth/jwt/attack.h"

namespace tollgate::jwt {
namespace {

using namespace test;
using namespace std::string_literals;

TEST_P(SignedAttackTest, ExtensionsThatWeDoNotHaveAreRefused) {
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
       sign_parts(header(R"({"alg":"HS256","b64":false,"crit":["b64"]})"), std::string(kAccess))},
      {"zip with a deflated payload",
       sign_parts(header(R"({"alg":"HS256","zip":"DEF"})"), b64("\xAB\x56\x2A\x4E\x2D\x02\x00"))},
  });
}

TEST_P(SignedAttackTest, OnlyCompactSignedTokensAreTokens) {
  const std::string good = with_payload(std::string(kAccess));
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
      {"JSON serialization", R"({"payload":")" + b64(kAccess) + R"(","protected":")" + header() +
                                 R"(","signature":")" + good.substr(good.rfind('.') + 1) + "\"}"},
      {"four parts", with_payload(std::string(kAccess)) + ".AAAA"},
      {"two tokens", with_payload(std::string(kAccess)) + "," + with_payload(std::string(kAccess))},
      {"over 8 KiB", with_claim(R"("x":")" + std::string(8192, 'x') + "\"")},
      {"100 000 dots", std::string(100000, '.')},
      {"non-ASCII", "t\xC3\xB6k\xC3\xA9n.a.b"},
  });
}

TEST_P(SignedAttackTest, HeadersAreStrictJson) {
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
      {"padded base64", sign_parts(header("{" + alg + "} ") + "=", b64(kAccess))},
      {"spaces in base64", sign_parts(header() + " ", b64(kAccess))},
  });
}

TEST_P(SignedAttackTest, PayloadsAreStrictJson) {
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
      {"base64 with padding", sign_parts(header(), b64(good + " ") + "=")},
      {"base64 with a newline", sign_parts(header(), b64(good) + "\n")},
      {"base64 of the other alphabet", sign_parts(header(), "e+/9")},
      {"base64 with pad bits", sign_parts(header(), b64("{ }").substr(0, 3) + "B" + "Zh")},
  });
}

TEST_P(SignedAttackTest, DatesAreNumbersInReach) {
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

TEST_P(SignedAttackTest, OneTypeIsNotUsedForAnother) {
  const std::string rest = R"(","exp":1795343703,"jti":"a","user_id":"1"})";
  expect({{"refresh as access", with_payload(R"({"token_type":"refresh)" + rest)},
          {"sliding as access", with_payload(R"({"token_type":"sliding)" + rest)},
          {"Access, with a capital", with_payload(R"({"token_type":"Access)" + rest)}},
         Refusal::WrongType);
  expect({{"access as refresh", with_payload(R"({"token_type":"access)" + rest)}},
         Refusal::WrongType, TokenType::Refresh);
}

INSTANTIATE_TEST_SUITE_P(Algorithms, SignedAttackTest, testing::ValuesIn(all_algorithms()),
                         name_of);

}  // namespace
}  // namespace tollgate::jwt
