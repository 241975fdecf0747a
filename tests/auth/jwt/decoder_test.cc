// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/decoder.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/auth/jwt/forge.h"

namespace tollgate::jwt {
namespace {

using test::b64;

TEST(SplitToken, WantsThreePartsNoneOfThemEmpty) {
  const auto parts = split_token("a.bc.def");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->header, "a");
  EXPECT_EQ(parts->payload, "bc");
  EXPECT_EQ(parts->signature, "def");
  EXPECT_EQ(parts->signing_input, "a.bc");
  for (const char* bad :
       {"", ".", "..", "a", "a.b", "a.b.", "a..c", ".b.c", "a.b.c.", "a.b.c.d", "a.b.c.d.e"})
    EXPECT_FALSE(split_token(bad)) << bad;
}

TEST(SplitToken, TakesAtMost8KiB) {
  EXPECT_TRUE(split_token("a.b." + std::string(kMaxToken - 4, 'c')));
  EXPECT_FALSE(split_token("a.b." + std::string(kMaxToken - 3, 'c')));
}

std::string nested(int levels) {
  std::string json = "1";
  for (int i = 1; i < levels; ++i) {
    json.insert(0, i % 2 == 1 ? "[" : R"({"a":)");
    json += i % 2 == 1 ? "]" : "}";
  }
  return R"({"alg":"HS256","x":)" + json + "}";
}

TEST(Decoder, AHeaderHasAtMost2KiBAndEightLevels) {
  Decoder decoder;
  const auto sized = [](std::size_t size) {
    const std::string start = R"({"alg":"HS256","x":")";
    return start + std::string(size - start.size() - 2, 'x') + "\"}";
  };
  EXPECT_TRUE(decoder.header(b64(sized(kMaxHeader))));
  EXPECT_FALSE(decoder.header(b64(sized(kMaxHeader + 1))));
  EXPECT_TRUE(decoder.header(b64(nested(kMaxHeaderDepth))));
  EXPECT_FALSE(decoder.header(b64(nested(kMaxHeaderDepth + 1))));
}

TEST(Decoder, APayloadHasAtMost32Levels) {
  Decoder decoder;
  EXPECT_TRUE(decoder.claims(b64(nested(kMaxPayloadDepth))));
  EXPECT_FALSE(decoder.claims(b64(nested(kMaxPayloadDepth + 1))));
  EXPECT_FALSE(decoder.claims(b64(nested(1000))));
}

TEST(Decoder, ReadsAlgorithmAndKeyId) {
  Decoder decoder;
  const auto header =
      decoder.header(b64(R"({"typ":"JWT","kid":"k1","\u0061lg":"HS\u0032\u0035\u0036"})"));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->algorithm, "HS256");
  EXPECT_EQ(header->key_id, "k1");
}

TEST(Decoder, FindsADuplicateNameWhereverItIs) {
  Decoder decoder;
  std::string many;
  for (int i = 0; i < 500; ++i) many += "\"m" + std::to_string(i) + "\":1,";
  const std::array<std::pair<std::string, bool>, 8> rows = {
      {{R"({"a":1,"b":2})", true},
       {R"({"a":1,"a":1})", false},
       {R"({"a":1,"\u0061":1})", false},
       {R"({"x":{"a":1,"a":1}})", false},
       {R"({"x":[{"a":1},{"a":1}]})", true},
       {R"({"x":[{"a":1,"b":0,"a":1}]})", false},
       {"{" + many + "\"last\":1}", true},
       {"{" + many + "\"m0\":1}", false}}};
  for (const auto& [json, good] : rows)
    EXPECT_EQ(decoder.claims(b64(json)).has_value(), good) << json;
}

TEST(Decoder, ReadsEveryClaim) {
  Decoder decoder;
  const std::string json =
      R"({"exp":3.9,"iat":2,"nbf":1e0,"jti":"j","sub":"s","token_type":"access",)"
      R"("user_id":7,"iss":"i","aud":["a","b"]})";
  const auto claims = decoder.claims(b64(json));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->exp, 3);
  EXPECT_EQ(claims->iat, 2);
  EXPECT_EQ(claims->nbf, 1);
  EXPECT_EQ(claims->jti, "j");
  EXPECT_EQ(claims->sub, "s");
  EXPECT_EQ(claims->token_type.value, "access");
  EXPECT_EQ(claims->user_id.value, 7);
  EXPECT_EQ(claims->iss.value, "i");
  EXPECT_EQ(claims->aud.value, (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(claims->json, json);
}

TEST(Decoder, AUserIdIsAnIntegerOrItsDecimalText) {
  Decoder decoder;
  const std::array<std::pair<std::string_view, std::optional<int64_t>>, 18> rows = {{
      {"1", 1},
      {"\"1\"", 1},
      {"0", 0},
      {"9223372036854775807", INT64_MAX},
      {"\"9223372036854775807\"", INT64_MAX},
      {"\"9223372036854775808\"", std::nullopt},
      {"9223372036854775808", std::nullopt},
      {"-1", std::nullopt},
      {"\"-1\"", std::nullopt},
      {"1.0", std::nullopt},
      {"true", std::nullopt},
      {"null", std::nullopt},
      {"\"\"", std::nullopt},
      {"\" 1\"", std::nullopt},
      {"\"1e0\"", std::nullopt},
      {"\"abc\"", std::nullopt},
      {"[1]", std::nullopt},
      {"{}", std::nullopt},
  }};
  for (const auto& [json, id] : rows) {
    const auto claims = decoder.claims(b64(R"({"user_id":)" + std::string(json) + "}"));
    ASSERT_TRUE(claims) << json;
    EXPECT_TRUE(claims->user_id.present) << json;
    EXPECT_EQ(claims->user_id.value, id) << json;
  }
}

TEST(Decoder, CopiesCustomClaimsInTheirOrderWithTheirNames) {
  Decoder decoder;
  const auto copied = [&decoder](std::string_view json) {
    const auto claims = decoder.claims(b64(json));
    return claims ? decoder.copyable_claims(*claims) : "refused";
  };
  EXPECT_EQ(
      copied(R"({"token_type":"refresh","b":[1, 2.5],"exp":9,"iat":1,"jti":"j","user_id":"1",)"
             R"("a \"q\"\n":{"é":null},"\u0065xpiry":true})"),
      "\"b\":[1,2.5],\"user_id\":\"1\",\"a \\\"q\\\"\\n\":{\"é\":null},\"expiry\":true");
  // An escaped name is the name: or the copy would have two lifetimes.
  EXPECT_EQ(copied(R"({"\u0065xp":9,"x":1})"), "\"x\":1");
  EXPECT_EQ(copied(R"({"exp":9})"), "");
}

}  // namespace
}  // namespace tollgate::jwt
