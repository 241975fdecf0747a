// /.well-known/jwks.json, and what its readers rely on: typ at+jwt and public keys in settings.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/auth/jwt/test_keys.h"
#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

using Json = nlohmann::json;
using jwt::test::Pem;

constexpr const char* kPath = "/.well-known/jwks.json";

class JwksEndpoint : public testing::Test {
 protected:
  Finished keys(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "keys");
    return run(site_.command(std::move(arguments)));
  }
  std::string file() const { return site_.directory() / "keys.json"; }
  void generate(const std::string& algorithm) const {
    ASSERT_EQ(keys({"generate", "--algorithm", algorithm, "--file", file()}).status.code, 0);
  }
  std::vector<std::string> serve(std::vector<std::string> more = {}) const {
    std::vector<std::string> out = {"serve",      "--bind",         "127.0.0.1:0", "--workers", "1",
                                    "--database", site_.database(), "--log-level", "info"};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }
  Command with_file(std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"--keys-file", file()});
    return site_.command(serve(std::move(more)));
  }
  std::string log_in(const ServerProcess& server) const {
    const std::string login =
        Json{{"username", "alice"}, {"password", password_of("alice")}}.dump();
    const auto obtained = post_json(server.address(), "/api/token/", login);
    EXPECT_EQ(obtained.status, 200) << obtained.body;
    return Json::parse(obtained.body)["access"];
  }

  Site site_;
};

TEST_F(JwksEndpoint, ServesWhatKeysJwksPrintsAndNothingPrivate) {
  for (const char* algorithm : {"ES256", "RS256"}) {
    std::filesystem::remove(file());
    generate(algorithm);
    ASSERT_EQ(keys({"rotate", "--file", file()}).status.code, 0);
    const ServerProcess server(with_file());
    const HttpResponse answer = get(server.address(), kPath);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("content-type"), "application/jwk-set+json");
    EXPECT_EQ(answer.field("cache-control"), "public, max-age=300");
    EXPECT_EQ(answer.body, keys({"jwks", "--file", file()}).out);
    const Json set = Json::parse(answer.body);
    ASSERT_EQ(set["keys"].size(), 2U);
    for (const Json& key : set["keys"]) {
      for (const char* name : {"d", "p", "q", "dp", "dq", "qi", "k"})
        EXPECT_FALSE(key.contains(name)) << name;
      for (const char* name : {"kid", "alg", "use", "kty"}) EXPECT_TRUE(key.contains(name)) << name;
    }
    // Who issued this token is the first of them.
    const std::string token = log_in(server);
    const Finished shown = run(site_.command({"token", "inspect", token}));
    EXPECT_NE(shown.out.find(set["keys"][0]["kid"].get<std::string>()), std::string::npos);
  }
}

TEST_F(JwksEndpoint, AnswersNotModifiedToWhoHasItAlready) {
  generate("ES256");
  const ServerProcess server(with_file());
  const std::string tag = get(server.address(), kPath).field("etag");
  EXPECT_TRUE(tag.starts_with('"')) << "a strong one: " << tag;
  const HttpResponse again = get(server.address(), kPath, {{"If-None-Match", tag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(again.field("etag"), tag);
  EXPECT_EQ(again.field("cache-control"), "public, max-age=300");
  EXPECT_EQ(get(server.address(), kPath, {{"If-None-Match", "\"other\""}}).status, 200);
  const HttpResponse head = fetch(server.address(), "HEAD", kPath);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.field("etag"), tag);
  EXPECT_EQ(fetch(server.address(), "POST", kPath).status, 405);
}

TEST_F(JwksEndpoint, HasTheNewKeyAfterARotation) {
  generate("EdDSA");
  const ServerProcess server(with_file());
  const HttpResponse before = get(server.address(), kPath);
  ASSERT_EQ(keys({"rotate", "--file", file()}).status.code, 0);
  const auto old = server.workers();
  server.signal(SIGHUP);
  ASSERT_TRUE(server.wait_for_workers(1, old)) << server.log().text();
  const HttpResponse after = get(server.address(), kPath);
  EXPECT_EQ(after.body, keys({"jwks", "--file", file()}).out);
  EXPECT_NE(after.field("etag"), before.field("etag"));
}

TEST_F(JwksEndpoint, DoesNotExistForSecretsNorWhereItIsSwitchedOff) {
  {
    const ServerProcess server(site_, {"serve", "--workers", "1"});
    EXPECT_EQ(get(server.address(), kPath).status, 404);
  }
  generate("ES256");
  {
    const ServerProcess server(with_file({"--jwks-endpoint", ""}));
    EXPECT_EQ(get(server.address(), kPath).status, 404);
  }
  const ServerProcess server(with_file({"--jwks-endpoint", "/keys"}));
  EXPECT_EQ(get(server.address(), "/keys").status, 200);
  EXPECT_EQ(get(server.address(), kPath).status, 404);
}

TEST_F(JwksEndpoint, WithPemKeysServesTheirPublicHalf) {
  write_file(site_.directory() / "a.pem", jwt::test::pem("P-256"));
  chmod((site_.directory() / "a.pem").c_str(), 0600);
  const std::vector<std::string> settings = {"--algorithm", "ES256", "--signing-key-file",
                                             site_.directory() / "a.pem"};
  const ServerProcess server(site_.command(serve(settings)));
  auto jwks = settings;
  jwks.insert(jwks.begin(), "jwks");
  EXPECT_EQ(get(server.address(), kPath).body, keys(jwks).out);
}

TEST_F(JwksEndpoint, TokensOfAnotherIssuerAreVerifiedByAPublicKeyInTheSettings) {
  const jwt::Algorithm& algorithm = *jwt::find_algorithm("ES256");
  const std::string toml = site_.directory() / "t.toml";
  write_file(toml, "algorithm = 'ES256'\nverifying_key = '''\n" +
                       jwt::test::pem("P-256", Pem::Spki) + "'''\n");
  chmod(toml.c_str(), 0644);  // public
  const ServerProcess server(site_.command(serve({"--config", toml})));
  write_file(site_.directory() / "signs.pem", jwt::test::pem("P-256"));
  const ServerProcess issuer(site_.command(
      serve({"--algorithm", "ES256", "--signing-key-file", site_.directory() / "signs.pem"})));
  EXPECT_EQ(get(server.address(), "/api/me", bearer(log_in(issuer))).status, 200);
  EXPECT_EQ(get(server.address(), kPath).body,
            "{\"keys\":[" + jwt::test::key_for(algorithm).public_jwk() + "]}\n");
  EXPECT_EQ(server.log().text().find("can read this file"), std::string::npos);
}

TEST_F(JwksEndpoint, APrivateKeyIsNoVerifyingKeyAndIsNotShown) {
  const Finished ended =
      run({.arguments = site_.command(serve()).arguments,
           .environment = {"TOLLGATE_ALGORITHM=ES256",
                           "TOLLGATE_VERIFYING_KEY=" + jwt::test::pem("P-256")}});
  EXPECT_EQ(ended.status.code, 78);
  EXPECT_NE(ended.err.find("TOLLGATE_VERIFYING_KEY: is a private key"), std::string::npos)
      << ended.err;
  EXPECT_EQ(ended.err.find("BEGIN"), std::string::npos) << ended.err;
}

TEST_F(JwksEndpoint, AtJwtIsWrittenAndRequiredBySetting) {
  generate("ES256");
  const ServerProcess plain(with_file());
  const ServerProcess writes(with_file({"--write-at-jwt"}));
  const ServerProcess requires_it(with_file({"--write-at-jwt", "--require-at-jwt"}));
  const std::string jwt = log_in(plain);
  const std::string at_jwt = log_in(writes);
  EXPECT_NE(run(site_.command({"token", "inspect", at_jwt})).out.find(R"("typ": "at+jwt")"),
            std::string::npos);
  const auto me = [](const ServerProcess& server, const std::string& token) {
    return get(server.address(), "/api/me", bearer(token)).status;
  };
  EXPECT_EQ(me(plain, at_jwt), 200);  // typ is not looked at unless asked
  EXPECT_EQ(me(writes, jwt), 200);
  EXPECT_EQ(me(requires_it, jwt), 401);
  EXPECT_EQ(me(requires_it, at_jwt), 200);
  EXPECT_EQ(me(requires_it, log_in(requires_it)), 200);
}

}  // namespace
}  // namespace tollgate::test
