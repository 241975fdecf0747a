// Tokens of another issuer, by the real binary, which has no key of its own.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "auth/crypto/base64url.h"
#include "auth/jwt/key_context.h"
#include "tests/auth/jwt/test_keys.h"
#include "tests/support/http_client.h"
#include "tests/support/server_process.h"
#include "tests/support/token.h"

namespace tollgate::test {
namespace {

using Json = nlohmann::json;

Json good() {
  return {{"iss", "https://partner.example"},
          {"aud", {"other", "api"}},
          {"sub", "user-1"},
          {"exp", std::time(nullptr) + 300}};
}

Json without(const char* name) {
  Json claims = good();
  claims.erase(name);
  return claims;
}

Json with(const char* name, const Json& value) {
  Json claims = good();
  claims[name] = value;
  return claims;
}

std::string token_of(const jwt::Algorithm& algorithm, const Json& claims) {
  const jwt::Key key = jwt::test::key_for(algorithm);
  auto context = jwt::KeyContext::for_signing(key);
  EXPECT_TRUE(context);
  const std::string input = base64url(Json{{"alg", algorithm.name}, {"typ", "JWT"}}.dump()) + "." +
                            base64url(claims.dump());
  std::array<uint8_t, crypto::kMaxSignature> made{};
  EXPECT_TRUE(context->sign(crypto::octets(input), made));
  return input + "." + crypto::base64url(crypto::Octets(made).first(context->signature_size()));
}

class PartnerIssuer : public testing::TestWithParam<const char*> {
 protected:
  PartnerIssuer() {
    const std::string path = directory_ / "partner.key";
    write_file(path, algorithm_.is_symmetric()
                         ? jwt::test::kLongSecret
                         : jwt::test::pem(jwt::test::kind_for(algorithm_), jwt::test::Pem::Spki));
    chmod(path.c_str(), 0600);
    command_ = {.arguments = {binary(), "serve", "--bind", "127.0.0.1:0", "--workers", "1",
                              TEST_APPLICATIONS "/libtest_issuer.so"},
                .directory = directory_.path(),
                .environment = {"TEST_ISSUER_KEY=" + path,
                                std::string("TEST_ISSUER_ALGORITHM=") + GetParam()}};
  }

  const jwt::Algorithm& algorithm_ = *jwt::find_algorithm(GetParam());
  const TempDir directory_;
  Command command_;
};

TEST_P(PartnerIssuer, IsTakenAtItsWordAboutTheSubject) {
  const ServerProcess server(command_);
  const std::string token = token_of(algorithm_, good());
  for (int i = 0; i < 2; ++i) {  // the second time from the cache
    const auto answer = get(server.address(), "/partner", bearer(token));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"sub":"user-1","known":true})");
  }
  EXPECT_EQ(get(server.address(), "/open").body, R"({"sub":"","known":false})");
}

TEST_P(PartnerIssuer, MakesNobodyAUserOrAnAdminOfOurs) {
  const ServerProcess server(command_);
  Json claims = good();
  claims["user_id"] = 1;
  claims["username"] = "root";
  claims["is_staff"] = true;
  claims["is_superuser"] = true;
  const std::string token = token_of(algorithm_, claims);
  EXPECT_EQ(get(server.address(), "/admin", bearer(token)).status, 403);
  EXPECT_EQ(get(server.address(), "/user", bearer(token)).body, R"({"id":0,"name":""})");
}

TEST_P(PartnerIssuer, IsHeldToWhatItPromised) {
  const ServerProcess server(command_);
  const std::pair<const char*, Json> rows[] = {
      {"iss missing", without("iss")},
      {"another iss", with("iss", "https://evil.example")},
      {"aud missing", without("aud")},
      {"another aud", with("aud", "web")},
      {"sub missing", without("sub")},
      {"sub empty", with("sub", "")},
      {"sub a number", with("sub", 1)},
      {"exp missing", without("exp")},
      {"expired", with("exp", std::time(nullptr) - 1)},
      {"not yet", with("nbf", std::time(nullptr) + 60)},
  };
  for (const auto& [what, claims] : rows) {
    const std::string token = token_of(algorithm_, claims);
    EXPECT_EQ(get(server.address(), "/partner", bearer(token)).status, 401) << what;
    EXPECT_EQ(get(server.address(), "/open", bearer(token)).status, 401) << what;
  }
  EXPECT_EQ(get(server.address(), "/partner").status, 401);
}

INSTANTIATE_TEST_SUITE_P(Of, PartnerIssuer, testing::Values("HS256", "RS256", "ES256", "EdDSA"),
                         [](const auto& row) { return std::string(row.param); });

TEST(PartnerIssuerKey, ThatIsPrivateOrMissingKeepsTheServerFromStartingWithItsPath) {
  const TempDir directory;
  const std::string path = directory / "partner.key";
  const Command command{.arguments = {binary(), "serve", "--bind", "127.0.0.1:0", "--workers", "1",
                                      TEST_APPLICATIONS "/libtest_issuer.so"},
                        .directory = directory.path(),
                        .environment = {"TEST_ISSUER_KEY=" + path, "TEST_ISSUER_ALGORITHM=RS256"}};
  const Finished missing = run(command);
  EXPECT_NE(missing.status.code, 0);
  EXPECT_NE(missing.err.find(path), std::string::npos) << missing.err;
  write_file(path, jwt::test::pem("RSA"));
  const Finished is_private = run(command);
  EXPECT_NE(is_private.status.code, 0);
  EXPECT_NE(is_private.err.find(path + ": is a private key"), std::string::npos) << is_private.err;
}

}  // namespace
}  // namespace tollgate::test
