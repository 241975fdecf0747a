// How callers show who they are, who may, and in which order it is asked: through the real server.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"
#include "tests/support/token.h"

namespace tollgate::test {
namespace {

constexpr const char* kApplication = TEST_APPLICATIONS "/libtest_gates.so";
const std::string kBearer = R"(Bearer realm="api")";
const std::string kBasic = R"(Basic realm="api")";
const std::string kNone = R"({"detail":"Authentication credentials were not provided."})";
const std::string kDenied = R"({"detail":"You do not have permission to perform this action."})";
const std::string kAlice = R"({"id":1,"username":"alice"})";

std::string not_valid(std::string_view messages) {
  return R"({"detail":"Given token not valid for any token type","code":"token_not_valid",)"
         R"("messages":[)" +
         std::string(messages) + "]}";
}
std::string message_of(std::string_view token_class, std::string_view type,
                       std::string_view message) {
  return R"({"token_class":")" + std::string(token_class) + R"(","token_type":")" +
         std::string(type) + R"(","message":")" + std::string(message) + R"("})";
}
const std::string kInvalid = not_valid(message_of("AccessToken", "access", "Token is invalid"));

// The standard alphabet, with padding.
std::string base64(std::string_view text) {
  std::string out = base64url(text);
  for (char& c : out) c = c == '-' ? '+' : c == '_' ? '/' : c;
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

class Authenticators : public testing::Test {
 protected:
  void SetUp() override {
    token_ = site_.token(1);
    admin_ = site_.token(3);
  }

  static std::vector<std::string> serve(std::vector<std::string> flags = {}) {
    std::vector<std::string> out = {"serve", "--workers", "1", kApplication};
    out.insert(out.end(), flags.begin(), flags.end());
    return out;
  }

  static Fields basic(std::string_view name, std::string_view password) {
    return {{"Authorization", "Basic " + base64(std::string(name) + ":" + std::string(password))}};
  }

  const Site site_;
  std::string token_;
  std::string admin_;
};

struct Row {
  std::string path;
  std::string authorization;
  int status;
  std::string body;
  std::string challenge = {};
};

TEST_F(Authenticators, TheFirstDecidesTheChallengeEachIsAskedInItsTurn) {
  const ServerProcess server(site_, serve());
  const std::string good = "Basic " + base64("alice:" + password_of("alice"));
  const std::string wrong = R"({"detail":"Invalid username/password."})";
  const Row rows[] = {
      {"/basic-first", "", 401, kNone, kBasic},
      {"/basic-first", good, 200, kAlice},
      {"/basic-first", "bAsIc   " + good.substr(6), 200, kAlice},
      {"/basic-first", "Bearer " + token_, 200, kAlice},
      {"/basic-first", "Bearer x", 401, kInvalid, kBasic},
      {"/basic-first", "Basic " + base64("alice:no"), 401, wrong, kBasic},
      {"/basic-first", "Basic " + base64("nobody:no"), 401, wrong, kBasic},
      {"/basic-first", "Basic " + base64("alice"), 401, wrong, kBasic},
      {"/basic-first", "Basic", 401,
       R"({"detail":"Invalid basic header. No credentials provided."})", kBasic},
      {"/basic-first", "Basic a b", 401,
       R"({"detail":"Invalid basic header. Credentials string should not contain spaces."})",
       kBasic},
      {"/basic-first", "Basic ??", 401,
       R"({"detail":"Invalid basic header. Credentials not correctly base64 encoded."})", kBasic},
      {"/basic-behind", good, 200, kAlice},
      {"/basic-behind", "Basic " + base64("alice:no"), 401, wrong, kBearer},
      {"/basic-behind", "", 401, kNone, kBearer},
      {"/me", good, 401, kNone, kBearer},
      {"/nobody", "Bearer " + token_, 403, kDenied},
      {"/ignored", "Bearer x", 200, R"({"id":0,"username":""})"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.path + " " + row.authorization);
    const Fields fields =
        row.authorization.empty() ? Fields{} : Fields{{"Authorization", row.authorization}};
    const HttpResponse answer = get(server.address(), row.path, fields);
    EXPECT_EQ(answer.status, row.status);
    EXPECT_EQ(answer.body, row.body);
    EXPECT_EQ(answer.field("WWW-Authenticate"), row.challenge);
  }
}

TEST_F(Authenticators, AnOptionalTokenMustBeGoodALenientOneCountsAsNone) {
  const ServerProcess server(site_, serve());
  const std::string nobody = R"({"id":0,"username":""})";
  const std::string of_nobody = "Bearer " + site_.token(99);
  const Row rows[] = {
      {"/optional", "", 200, nobody},
      {"/optional", "Bearer x", 401, kInvalid},
      {"/optional", "Bearer " + token_, 200, kAlice},
      {"/lenient", "", 200, nobody},
      {"/lenient", "Bearer x", 200, nobody},
      {"/lenient", "Bearer", 200, nobody},
      {"/lenient", of_nobody, 200, nobody},  // found out on the look-up thread
      {"/lenient", "Bearer " + token_, 200, kAlice},
      {"/lenient-closed", "Bearer x", 401, kNone},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.path + " " + row.authorization);
    const HttpResponse answer =
        get(server.address(), row.path, {{"Authorization", row.authorization}});
    EXPECT_EQ(answer.status, row.status);
    EXPECT_EQ(answer.body, row.body);
  }
}

TEST_F(Authenticators, ACookieChangesThingsOnlyForPagesOfThisOrigin) {
  const ServerProcess server(site_, serve());
  const std::string host = "test";  // the clients of these tests ask for it
  const auto with = [this](Fields fields) {
    fields.push_back({"Cookie", "theme=dark; access_token=" + token_});
    return fields;
  };
  EXPECT_EQ(get(server.address(), "/cookie", with({})).body, kAlice);
  EXPECT_EQ(get(server.address(), "/cookie").body, kNone);
  EXPECT_EQ(get(server.address(), "/cookie", {{"Cookie", "access_token=x"}}).body, kInvalid);
  EXPECT_EQ(get(server.address(), "/me", with({})).body, kNone);
  const std::string failed = R"({"detail":"CSRF Failed: )";
  const struct {
    Fields fields;
    std::string refusal;  // empty: it is let in
  } rows[] = {
      {{}, "Origin checking failed - no Origin."},
      {{{"Origin", "http://" + host}}, ""},
      {{{"Origin", "https://" + host}},
       "Origin checking failed - https://" + host + " does not match any trusted origins."},
      {{{"Origin", "null"}}, "Origin checking failed - null does not match any trusted origins."},
      {{{"Sec-Fetch-Site", "same-origin"}}, ""},
      {{{"Sec-Fetch-Site", "same-site"}}, "Sec-Fetch-Site is not same-origin."},
      {{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "http://" + host}},
       "Sec-Fetch-Site is not same-origin."},
  };
  for (const auto& row : rows) {
    const HttpResponse answer = fetch(server.address(), "POST", "/cookie", with(row.fields));
    EXPECT_EQ(answer.status, row.refusal.empty() ? 200 : 403) << row.refusal;
    EXPECT_EQ(answer.body, row.refusal.empty() ? kAlice : failed + row.refusal + "\"}");
    EXPECT_EQ(answer.find("WWW-Authenticate"), nullptr);
  }
}

TEST_F(Authenticators, AStatelessIdentityIsWhatTheTokenClaims) {
  const ServerProcess server(site_, serve());
  const std::string payload = token_payload("access", 99, 60);
  const std::string named =
      payload.substr(0, payload.size() - 1) + R"(,"username":"ghost","is_staff":1})";
  EXPECT_EQ(get(server.address(), "/stateless", bearer(sign(site_.key(), named))).body,
            R"({"id":99,"username":"ghost"})");
  EXPECT_EQ(get(server.address(), "/stateless", bearer(sign(site_.key(), payload))).body,
            R"({"id":99,"username":""})");
  EXPECT_EQ(get(server.address(), "/stateless", bearer("x")).body, kInvalid);
}

TEST_F(Authenticators, TwoTokenClassesGiveTwoMessages) {
  const ServerProcess server(site_, serve());
  const std::string sliding = sign(site_.key(), token_payload("sliding", 1, 60));
  EXPECT_EQ(get(server.address(), "/sliding", bearer(sliding)).body, kAlice);
  EXPECT_EQ(get(server.address(), "/sliding", bearer(token_)).body, kAlice);
  EXPECT_EQ(get(server.address(), "/me", bearer(sliding)).body,
            not_valid(message_of("AccessToken", "access", "Token has wrong type")));
  EXPECT_EQ(get(server.address(), "/sliding", bearer("x")).body,
            not_valid(message_of("AccessToken", "access", "Token is invalid") + "," +
                      message_of("SlidingToken", "sliding", "Token is invalid")));
}

TEST_F(Authenticators, PermissionsHaveTheirOwnTextsAndLookAtClaims) {
  const ServerProcess server(site_, serve());
  const std::string payload = token_payload("access", 1, 60);
  const auto with = [&](std::string_view members) {
    return bearer(sign(site_.key(),
                       payload.substr(0, payload.size() - 1) + "," + std::string(members) + "}"));
  };
  const HttpResponse refused = get(server.address(), "/gold", bearer(token_));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.body, R"({"detail":"Only for gold.","code":"not_gold"})");
  EXPECT_EQ(refused.find("WWW-Authenticate"), nullptr);
  EXPECT_EQ(get(server.address(), "/gold").body, kNone);
  EXPECT_EQ(get(server.address(), "/gold", with(R"("plan":"gold")")).status, 200);
  EXPECT_EQ(get(server.address(), "/gold", with(R"("plan":["tin","gold"])")).status, 200);
  for (const char* claim : {R"("plan":"Gold")", R"("plan":true)", R"("plan":{"gold":1})"})
    EXPECT_EQ(get(server.address(), "/gold", with(claim)).status, 403) << claim;
  EXPECT_EQ(get(server.address(), "/read-only").status, 200);
  EXPECT_EQ(fetch(server.address(), "POST", "/read-only").status, 401);
  EXPECT_EQ(fetch(server.address(), "POST", "/read-only", bearer(token_)).status, 200);
}

TEST_F(Authenticators, AnObjectIsItsOwners) {
  const ServerProcess server(site_, serve());
  const Row rows[] = {
      {"/notes/1", token_, 200, kAlice},
      {"/notes/2", token_, 403, kDenied},
      {"/notes/2", admin_, 200, R"({"id":3,"username":"root"})"},
      {"/hidden/1", token_, 200, kAlice},
      {"/hidden/2", token_, 404, R"({"detail":"Not found."})"},
      {"/public-notes/2", token_, 403, R"({"detail":"Not yours."})"},
  };
  for (const Row& row : rows) {
    const HttpResponse answer = get(server.address(), row.path, bearer(row.authorization));
    EXPECT_EQ(answer.status, row.status) << row.path;
    EXPECT_EQ(answer.body, row.body) << row.path;
  }
  EXPECT_EQ(get(server.address(), "/public-notes/1").status, 401);
}

// reference/auth.md A4: Accept, who, may they, how often, method, body.
TEST_F(Authenticators, TheOrderOfTheChecksIsDRFs) {
  const ServerProcess server(site_, serve());
  const auto ask = [&](const char* method, const std::string& token, const char* accept) {
    Fields fields = {{"Accept", accept}, {"Content-Type", "text/plain"}};
    if (!token.empty()) fields.push_back({"Authorization", "Bearer " + token});
    return fetch(server.address(), method, "/order", fields, "body").status;
  };
  EXPECT_EQ(ask("POST", "", "application/xml"), 406);
  EXPECT_EQ(ask("POST", "", "*/*"), 401);
  EXPECT_EQ(ask("POST", "x", "text/html, application/json"), 401);
  EXPECT_EQ(ask("POST", token_, "*/*"), 405);  // this one counts
  EXPECT_EQ(ask("GET", token_, "*/*"), 200);
  EXPECT_EQ(ask("POST", token_, "*/*"), 429);
  EXPECT_EQ(ask("POST", token_, "application/xml"), 406);
}

TEST_F(Authenticators, TheClaimsHookIsAskedOnObtainAndOnRefresh) {
  using Json = nlohmann::json;
  const ServerProcess server(site_, serve());
  const auto obtain = [&](const std::string& name) {
    const Json body = {{"username", name}, {"password", password_of(name)}};
    return post_json(server.address(), "/api/token/", body.dump());
  };
  const HttpResponse obtained = obtain("alice");
  ASSERT_EQ(obtained.status, 200) << obtained.body;
  const std::string access = Json::parse(obtained.body)["access"];
  EXPECT_EQ(get(server.address(), "/gold", bearer(access)).status, 200);
  EXPECT_EQ(get(server.address(), "/group-b", bearer(access)).status, 200);
  EXPECT_EQ(get(server.address(), "/group-c", bearer(access)).status, 403);
  EXPECT_EQ(get(server.address(), "/stateless", bearer(access)).body, kAlice);
  // An older token, from before there was a hook.
  const std::string plain = sign(site_.key(), token_payload("refresh", 1, 60));
  const HttpResponse refreshed =
      post_json(server.address(), "/api/token/refresh/", Json{{"refresh", plain}}.dump());
  ASSERT_EQ(refreshed.status, 200) << refreshed.body;
  const std::string second = Json::parse(refreshed.body)["access"];
  EXPECT_EQ(get(server.address(), "/gold", bearer(second)).status, 200);
  // For bob it wants to write alice's id.
  EXPECT_EQ(obtain("bob").status, 500);
  EXPECT_TRUE(server.log().wait_for("the claims hook gave \"user_id\", which is reserved"));
}

TEST_F(Authenticators, TheChallengeSaysWhyIfItShall) {
  const ServerProcess server(site_, serve({"--www-authenticate-error"}));
  const auto challenge = [&](const char* path, const Fields& fields) {
    return get(server.address(), path, fields).field("WWW-Authenticate");
  };
  const std::string stale = sign(site_.key(), token_payload("access", 1, -1));
  EXPECT_EQ(challenge("/me", {}), kBearer);
  EXPECT_EQ(challenge("/me", bearer(stale)),
            kBearer + R"(, error="invalid_token", error_description="Token is expired")");
  EXPECT_EQ(challenge("/me", bearer(site_.token(99))),
            kBearer + R"(, error="invalid_token", error_description="User not found")");
  EXPECT_NE(challenge("/me", {{"Authorization", "Bearer"}}).find("error=\"invalid_request\""),
            std::string::npos);
  EXPECT_EQ(challenge("/gold", bearer(token_)), kBearer + R"(, error="insufficient_scope")");
  EXPECT_EQ(challenge("/basic-first", bearer(stale)), kBasic);
}

}  // namespace
}  // namespace tollgate::test
