// The token endpoints and /api/me answer as simplejwt does, letter by letter
// (reference/auth.md A2 to A4), but for what is stricter on purpose.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "auth/crypto/base64url.h"
#include "server/base/text.h"
#include "tests/support/http_client.h"
#include "tests/support/matches.h"
#include "tests/support/server_process.h"
#include "tests/support/token.h"

namespace tollgate::test {
namespace {

using Json = nlohmann::ordered_json;

std::string member(std::string_view name, std::string_view value) {
  return "{\"" + std::string(name) + "\":\"" + std::string(value) + "\"}";
}

std::string credentials(std::string_view name, std::string_view password) {
  return R"({"username":")" + std::string(name) + R"(","password":")" + std::string(password) +
         "\"}";
}

// The payload of a token, as text.
std::string payload_of(const std::string& token) {
  const auto parts = split(token, '.');
  if (parts.size() != 3) return "not a token";
  std::string out(crypto::base64url_octets(parts[1].size()), '\0');
  const auto size =
      crypto::base64url_decode(parts[1], {reinterpret_cast<uint8_t*>(out.data()), out.size()});
  out.resize(size.value_or(0));
  return out;
}

void expect_json(const HttpResponse& response, int status, std::string_view body) {
  EXPECT_EQ(response.status, status);
  EXPECT_EQ(response.body, body);
  EXPECT_EQ(response.field("content-type"), "application/json");
  const bool challenged = response.find("www-authenticate") != nullptr;
  EXPECT_EQ(challenged, status == 401);
  if (challenged) {
    EXPECT_EQ(response.field("www-authenticate"), "Bearer realm=\"api\"");
  }
}

TEST(TokenEndpoints, GiveAPairThatOpensTheApi) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1"});
  const HttpResponse obtained =
      post_json(server.address(), "/api/token/", credentials("alice", password_of("alice")));
  ASSERT_EQ(obtained.status, 200) << obtained.body;
  EXPECT_EQ(obtained.field("content-type"), "application/json");
  EXPECT_EQ(obtained.field("cache-control"), "no-store");  // RFC 6749 5.1; simplejwt forgets it
  EXPECT_TRUE(matches(obtained.body, R"(\{"refresh":"[^".]+\.[^".]+\.[^".]+","access":"[^"]+"\})"));
  const Json pair = Json::parse(obtained.body);
  const std::string access = pair["access"];
  const std::string refresh = pair["refresh"];
  EXPECT_TRUE(access.starts_with(base64url(kHs256Header) + "."));
  EXPECT_TRUE(matches(payload_of(access),
                      R"(\{"token_type":"access","exp":[0-9]{10},"iat":[0-9]{10},)"
                      R"("jti":"[0-9a-f]{32}","user_id":"1"\})"));
  const Json claims = Json::parse(payload_of(refresh));
  EXPECT_EQ(claims["token_type"], "refresh");
  EXPECT_EQ(claims["exp"].get<int64_t>() - claims["iat"].get<int64_t>(), 86400);

  const HttpResponse me = get(server.address(), "/api/me", bearer(access));
  expect_json(me, 200, R"({"id":1,"username":"alice"})");

  const HttpResponse refreshed =
      post_json(server.address(), "/api/token/refresh/", member("refresh", refresh));
  EXPECT_TRUE(matches(refreshed.body, R"(\{"access":"[^"]+"\})"));
  const std::string second = Json::parse(refreshed.body)["access"];
  EXPECT_NE(second, access);
  expect_json(get(server.address(), "/api/me", bearer(second)), 200,
              R"({"id":1,"username":"alice"})");

  for (const std::string& token : {access, refresh})
    expect_json(post_json(server.address(), "/api/token/verify/", member("token", token)), 200,
                "{}");
}

TEST(TokenEndpoints, ReadFormsToo) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1"});
  const HttpResponse urlencoded = fetch(server.address(), "POST", "/api/token/",
                                        {{"Content-Type", "application/x-www-form-urlencoded"}},
                                        "username=alice&password=PASSWORD+of%20alice");
  EXPECT_EQ(urlencoded.status, 200) << urlencoded.body;
  const std::string multipart =
      "--x\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\nbob\r\n"
      "--x\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nPASSWORD of bob\r\n"
      "--x--\r\n";
  const HttpResponse form = fetch(server.address(), "POST", "/api/token/",
                                  {{"Content-Type", "multipart/form-data; boundary=x"}}, multipart);
  EXPECT_EQ(form.status, 200) << form.body;
}

struct Row {
  std::string target;
  std::string body;
  int status;
  std::string answer;
};

TEST(TokenEndpoints, SayWhatIsWrong) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1"});
  const std::string access = site.token(1);
  const std::string stale = sign(site.key(), token_payload("refresh", 1, -1));
  const std::string of_nobody = sign(site.key(), token_payload("refresh", 99, 60));
  const std::string kWrong = R"({"detail":"No active account found with the given credentials"})";
  const Row rows[] = {
      {"/api/token/", "{}", 400,
       R"({"username":["This field is required."],"password":["This field is required."]})"},
      {"/api/token/", R"({"username":"","password":null})", 400,
       R"({"username":["This field may not be blank."],"password":["This field may not be null."]})"},
      {"/api/token/", R"({"username":true,"password":[]})", 400,
       R"({"username":["Not a valid string."],"password":["Not a valid string."]})"},
      {"/api/token/", "[1]", 400,
       R"({"non_field_errors":["Invalid data. Expected a dictionary, but got list."]})"},
      {"/api/token/", "null", 400, R"({"non_field_errors":["No data provided"]})"},
      {"/api/token/", credentials("alice", "wrong"), 401, kWrong},
      {"/api/token/", credentials("nobody", password_of("alice")), 401, kWrong},
      {"/api/token/refresh/", member("refresh", access), 401,
       R"({"detail":"Token has wrong type","code":"token_not_valid"})"},
      {"/api/token/refresh/", member("refresh", stale), 401,
       R"({"detail":"Token is expired","code":"token_not_valid"})"},
      {"/api/token/refresh/", member("refresh", of_nobody), 401,
       R"({"detail":"No active account found for the given token."})"},
      {"/api/token/refresh/", R"({"refresh":"x.y.z"})", 401,
       R"({"detail":"Token is invalid","code":"token_not_valid"})"},
      {"/api/token/verify/", "{}", 400, R"({"token":["This field is required."]})"},
      {"/api/token/verify/", R"({"token":"x"})", 401,
       R"({"detail":"Token is invalid","code":"token_not_valid"})"},
      {"/api/token/verify/", member("token", of_nobody), 200, "{}"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.target + " " + row.body);
    expect_json(post_json(server.address(), row.target, row.body), row.status, row.answer);
  }
}

TEST(TokenEndpoints, RefuseOtherMethodsTypesAndPaths) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1"});
  const HttpResponse got = get(server.address(), "/api/token/");
  expect_json(got, 405, R"({"detail":"Method \"GET\" not allowed."})");
  EXPECT_EQ(got.field("allow"), "POST, OPTIONS");
  expect_json(
      fetch(server.address(), "POST", "/api/token/", {{"Content-Type", "text/plain"}}, "hello"),
      415, R"({"detail":"Unsupported media type \"text/plain\" in request."})");
  expect_json(fetch(server.address(), "POST", "/api/token/",
                    {{"Accept", "application/xml"}, {"Content-Type", "application/json"}}, "{}"),
              406, R"({"detail":"Could not satisfy the request Accept header."})");
  const HttpResponse moved = post_json(server.address(), "/api/token?x=1", "{}");
  EXPECT_EQ(moved.status, 301);
  EXPECT_EQ(moved.field("location"), "/api/token/?x=1");
  // These views look at no Authorization field: junk in it is ignored.
  expect_json(post_json(server.address(), "/api/token/verify/", "{}", bearer("junk")), 400,
              R"({"token":["This field is required."]})");
}

TEST(ProtectedRoute, AsksForAToken) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1"});
  const std::string kNone = R"({"detail":"Authentication credentials were not provided."})";
  const std::string kTwoWords =
      R"({"detail":"Authorization header must contain two space-delimited values",)"
      R"("code":"bad_authorization_header"})";
  const std::string good = "Bearer " + site.token(1);
  struct {
    std::string authorization;
    int status;
    std::string answer;
  } const rows[] = {
      {"", 401, kNone},
      {"Basic YWxpY2U6eA==", 401, kNone},
      {"Bearer", 401, kTwoWords},
      {good + " x", 401, kTwoWords},
      {good, 200, R"({"id":1,"username":"alice"})"},
      {"bearer\t" + site.token(2), 200, R"({"id":2,"username":"bob"})"},  // RFC 9110 11.1
      {"Bearer " + site.token(99), 401, R"({"detail":"User not found","code":"user_not_found"})"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.authorization);
    expect_json(get(server.address(), "/api/me", {{"Authorization", row.authorization}}),
                row.status, row.answer);
  }
  expect_json(get(server.address(), "/api/me"), 401, kNone);
  // Without a token not even the methods are told; with one they are.
  expect_json(fetch(server.address(), "POST", "/api/me"), 401, kNone);
  const HttpResponse posted = fetch(server.address(), "POST", "/api/me", {{"Authorization", good}});
  expect_json(posted, 405, R"({"detail":"Method \"POST\" not allowed."})");
  EXPECT_EQ(posted.field("allow"), "GET, HEAD, OPTIONS");
  // Nor does a token open anything from where it may be logged.
  expect_json(get(server.address(), "/api/me?access_token=" + site.token(1)), 401, kNone);
}

TEST(ProtectedRoute, KnowsAdminsFromOthers) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1"});
  expect_json(get(server.address(), "/hang/1", bearer(site.token(1))), 403,
              R"({"detail":"You do not have permission to perform this action."})");
  EXPECT_EQ(get(server.address(), "/hang/1", bearer(site.token(3))).body, "blocked for 1 ms\n");
}

}  // namespace
}  // namespace tollgate::test
