// Nobody comes in with a token that this server did not make (reference/auth.md C4).
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"
#include "tests/support/token.h"

namespace tollgate::test {
namespace {

class ForgedTokens : public testing::Test {
 protected:
  HttpResponse ask(const std::string& token) const {
    return get(server_.address(), "/api/me", bearer(token));
  }
  void expect_refused(const char* name, const std::string& token,
                      std::string_view message = "Token is invalid") const {
    SCOPED_TRACE(std::string(name) + ": " + token.substr(0, 200));
    const HttpResponse response = ask(token);
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(response.field("www-authenticate"), "Bearer realm=\"api\"");
    EXPECT_EQ(response.body,
              R"({"detail":"Given token not valid for any token type","code":"token_not_valid",)"
              R"("messages":[{"token_class":"AccessToken","token_type":"access","message":")" +
                  std::string(message) + "\"}]}");
  }

  const Site site_;
  const ServerProcess server_{site_, {"serve", "--workers", "1"}};
  const std::string payload_ = access_token_payload(1);
  const std::string good_ = sign(site_.key(), payload_);
};

// Else all that follows would prove nothing.
TEST_F(ForgedTokens, AreMadeLikeAGoodOne) { EXPECT_EQ(ask(good_).status, 200) << ask(good_).body; }

TEST_F(ForgedTokens, AlgorithmIsTheKeysAndNotTheTokens) {
  const std::string unsigned_part =
      base64url(R"({"alg":"none","typ":"JWT"})") + "." + base64url(payload_);
  expect_refused("none, unsigned", unsigned_part + ".");
  for (const char* alg : {"none", "None", "NONE", "nOnE", "", "hs256", "HS384", "RS256", "ES256"}) {
    const std::string header = R"({"alg":")" + std::string(alg) + R"(","typ":"JWT"})";
    expect_refused(alg, sign(site_.key(), payload_, header));
  }
  for (const char* header : {R"({"typ":"JWT"})", R"({"alg":null})", R"({"alg":["HS256"]})", "[]"})
    expect_refused(header, sign(site_.key(), payload_, header));
  expect_refused("HS512, honestly", sign(site_.key(), payload_, R"({"alg":"HS512","typ":"JWT"})",
                                         crypto::Digest::Sha512));
}

TEST_F(ForgedTokens, KeyIsTheServersAndNotTheTokens) {
  expect_refused("another key",
                 sign("another key, which is as long as the first one was", payload_));
  expect_refused("no key", sign("", payload_));
  expect_refused("the key's file, with its newline", sign(site_.key() + "\n", payload_));
  expect_refused(
      "its own key",
      sign("k", payload_, R"({"alg":"HS256","jwk":{"kty":"oct","k":"aw"},"typ":"JWT"})"));
}

TEST_F(ForgedTokens, DatesAndTypeMustBeRight) {
  const auto typed = [this](const char* type, int64_t expires_in) {
    return sign(site_.key(), token_payload(type, 1, expires_in));
  };
  expect_refused("expired", typed("access", -1), "Token is expired");
  expect_refused("refresh as access", typed("refresh", 60), "Token has wrong type");
  expect_refused("sliding as access", typed("sliding", 60), "Token has wrong type");
  const std::string no_exp =
      R"({"token_type":"access","iat":1,"jti":"0123456789abcdef0123456789abcdef","user_id":"1"})";
  expect_refused("no exp", sign(site_.key(), no_exp), "Token has no 'exp' claim");
  for (const char* exp : {"\"4102444800\"", "null", "[4102444800]", "1e400"}) {
    std::string payload = no_exp;
    payload.insert(1, "\"exp\":" + std::string(exp) + ",");
    const HttpResponse response = ask(sign(site_.key(), payload));
    EXPECT_EQ(response.status, 401) << exp << response.body;
  }
}

TEST_F(ForgedTokens, OneTextIsOneToken) {
  const auto dot = good_.rfind('.');
  const std::string signature = good_.substr(dot + 1);
  const std::string front = good_.substr(0, dot + 1);
  expect_refused("cut", good_.substr(0, good_.size() - 1));
  expect_refused("cut by four", good_.substr(0, good_.size() - 4));
  expect_refused("no signature", front);
  expect_refused("two parts", good_.substr(0, dot));
  expect_refused("four parts", good_ + ".x");
  expect_refused("padded", good_ + "=");
  expect_refused("half a MAC", front + base64url(std::string(16, 'x')));
  // 32 bytes leave four bits of the last character unused: they must be zero.
  const std::string kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string other = signature;
  other.back() = kAlphabet[kAlphabet.find(signature.back()) + 1];
  expect_refused("another spelling", front + other);
  std::string changed = good_;
  changed[dot - 3] = changed[dot - 3] == 'A' ? 'B' : 'A';
  expect_refused("another payload", changed);
}

TEST_F(ForgedTokens, NoMemberStandsTwice) {
  std::string payload = payload_;
  payload.insert(1, R"("user_id":"3",)");
  expect_refused("user_id", sign(site_.key(), payload));
  payload = payload_;
  payload.insert(1, R"("user\u005fid":"3",)");
  expect_refused("user_id, escaped", sign(site_.key(), payload));
  expect_refused("alg", sign(site_.key(), payload_, R"({"alg":"none","alg":"HS256"})"));
  expect_refused("crit",
                 sign(site_.key(), payload_, R"({"alg":"HS256","crit":["x"],"typ":"JWT","x":1})"));
  expect_refused("something behind", sign(site_.key(), payload_ + "{}"));
  expect_refused("no object", sign(site_.key(), "[" + payload_ + "]"));
  expect_refused("deep", sign(site_.key(), std::string(2000, '[') + std::string(2000, ']')));
}

TEST_F(ForgedTokens, TwoFieldsAreNoAuthorization) {
  const std::string own = "Bearer " + good_;
  const std::string others = "Bearer " + sign("another key", payload_);
  for (const auto& [first, second] : {std::pair(own, own), std::pair(own, others),
                                      std::pair(others, own), std::pair(own, std::string("x"))}) {
    const HttpResponse response =
        get(server_.address(), "/api/me", {{"Authorization", first}, {"Authorization", second}});
    EXPECT_EQ(response.status, 401) << response.body;
  }
}

// RFC 6750 and simplejwt agree: who sends a token wants to be known by it.
TEST_F(ForgedTokens, OpenRouteRefusesThemToo) {
  EXPECT_EQ(get(server_.address(), "/plain", bearer("forged")).status, 401);
  EXPECT_EQ(get(server_.address(), "/plain", bearer(good_)).status, 200);
}

}  // namespace
}  // namespace tollgate::test
