// Keys in PEM and in a JWK Set, from the file that only the master reads to every worker.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "auth/jwt/key_ring.h"
#include "tests/auth/jwt/test_keys.h"
#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

using Json = nlohmann::json;

struct Row {
  const char* algorithm;
  bool as_set;  // in a JWK Set, or in PEM
};

class AsymmetricKeys : public testing::TestWithParam<Row> {};

TEST_P(AsymmetricKeys, SignAndVerifyInEveryWorkerAlsoAfterAReload) {
  const auto [name, as_set] = GetParam();
  const Site site;
  const jwt::Algorithm& algorithm = *jwt::find_algorithm(name);
  const std::string file = site.directory() / "a.key";
  write_file(file, as_set ? std::string(jwt::test::ring_for(algorithm)->private_jwk_set().reveal())
                          : jwt::test::pem(jwt::test::kind_for(algorithm)));
  chmod(file.c_str(), 0600);
  std::vector<std::string> arguments = {"serve", "--bind",     "127.0.0.1:0",  "--workers",
                                        "2",     "--database", site.database()};
  if (as_set)
    arguments.insert(arguments.end(), {"--keys-file", file});
  else
    arguments.insert(arguments.end(), {"--algorithm", name, "--signing-key-file", file});
  const ServerProcess server(site.command(arguments));

  const std::string login = Json{{"username", "alice"}, {"password", password_of("alice")}}.dump();
  const auto obtained = post_json(server.address(), "/api/token/", login);
  ASSERT_EQ(obtained.status, 200) << obtained.body;
  const std::string access = Json::parse(obtained.body)["access"];
  for (int i = 0; i < 8; ++i)  // on a new connection each: both workers
    EXPECT_EQ(get(server.address(), "/api/me", bearer(access)).status, 200);

  const std::vector<pid_t> old = server.workers();
  server.signal(SIGHUP);
  ASSERT_TRUE(server.wait_for_workers(2, old)) << server.log().text();
  EXPECT_EQ(get(server.address(), "/api/me", bearer(access)).status, 200);
  EXPECT_EQ(get(server.address(), "/api/me", bearer(site.token(1))).status, 401) << "HS256";
}

INSTANTIATE_TEST_SUITE_P(Keys, AsymmetricKeys,
                         testing::Values(Row{"RS256", false}, Row{"ES256", false},
                                         Row{"EdDSA", false}, Row{"RS256", true},
                                         Row{"ES256", true}, Row{"EdDSA", true}),
                         [](const auto& row) {
                           return row.param.algorithm + std::string(row.param.as_set ? "Set" : "");
                         });

TEST(Keys, ThatAreWeakOrMislabelledKeepTheServerFromStartingWithAReason) {
  const Site site;
  const std::string file = site.directory() / "a.key";
  const auto reason = [&](const std::string& text, std::vector<std::string> arguments) {
    write_file(file, text);
    arguments.insert(arguments.end(), {"--database", site.database()});
    const Finished ended = run(site.command(arguments));
    EXPECT_NE(ended.status.code, 0);
    return ended.err;
  };
  const std::vector<std::string> serve = {"serve", "--bind", "127.0.0.1:0", "--workers", "1"};
  auto pem = serve;
  pem.insert(pem.end(), {"--algorithm", "RS256", "--signing-key-file", file});
  EXPECT_NE(reason(jwt::test::pem("RSA:1024"), pem).find("1024 bits is too short"),
            std::string::npos);
  EXPECT_NE(reason(jwt::test::pem("P-256"), pem).find("not for RS256"), std::string::npos);
  auto set = serve;
  set.insert(set.end(), {"--keys-file", file});
  EXPECT_NE(reason(R"({"keys":[{"kty":"oct","kid":"old","k":"AAAA"}]})", set)
                .find("key 1 (kid \"old\"): the signing key has 3 bytes"),
            std::string::npos);
}

}  // namespace
}  // namespace tollgate::test
