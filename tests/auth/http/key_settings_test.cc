// The settings of keys, as files that users write and as the one text that a worker gets.
// SPDX-License-Identifier: Apache-2.0
#include "auth/http/key_settings.h"

#include <gtest/gtest.h>
#include <openssl/rsa.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/auth/jwt/test_keys.h"

namespace tollgate::auth {
namespace {

using namespace jwt::test;
using jwt::find_algorithm;

class KeySettings : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = "/tmp/tollgate-keys-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string file(const std::string& name, const std::string& text) const {
    std::string path = directory_ + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    EXPECT_EQ(chmod(path.c_str(), 0600), 0);
    return path;
  }

 private:
  std::string directory_;
};

std::string refusal(const Config& config) {
  const auto loaded = load_keys(config);
  return loaded ? "" : loaded.error().message;
}

bool has(const std::string& text, std::string_view what) {
  return text.find(what) != std::string::npos;
}

TEST_F(KeySettings, AVerifyingKeyInTheSettingsIsAsOneInAFile) {
  const auto loaded =
      load_keys(Config{.verifying_key = pem("P-256", Pem::Spki), .algorithm = "ES256"});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->ring->signer(), nullptr);
  EXPECT_EQ(loaded->ring->keys()[0].thumbprint(), key_for(*find_algorithm("ES256")).thumbprint());
  const std::pair<std::string, const char*> rows[] = {
      {pem("P-256"), "verifying_key: is a private key"},
      {pem("P-384", Pem::Spki), "verifying_key: it is a key on the curve P-384"},
      {std::string(64, 's'), "verifying_key: the signing key is a secret"}};
  for (const auto& [text, message] : rows)
    EXPECT_TRUE(has(refusal(Config{.verifying_key = text, .algorithm = "ES256"}), message))
        << refusal(Config{.verifying_key = text, .algorithm = "ES256"});
  EXPECT_EQ(refusal(Config{.signing_key = pem("P-256"),
                           .verifying_key = pem("P-256", Pem::Spki),
                           .algorithm = "ES256"}),
            "");
}

// Who takes a public text for a secret lets everybody sign.
TEST_F(KeySettings, KeysFileIsAJwkSetAndNothingElse) {
  const std::string jwk = key_for(*find_algorithm("ES256")).public_jwk();
  const std::pair<const char*, std::string> rows[] = {
      {"a list of public JWKs", "[" + jwk + "]"},
      {"the same behind a byte-order mark", "\xEF\xBB\xBF[" + jwk + "]"},
      {"an error page", "<html><body>502 Bad Gateway, and more than 32 bytes</body></html>"},
      {"a secret", std::string(64, 's')},
      {"PEM", pem("P-256")},
      {"nothing", ""},
  };
  for (const auto& [name, text] : rows) {
    const std::string message = refusal(Config{.keys_file = file("keys.json", text)});
    EXPECT_TRUE(has(message, "keys.json")) << name << ": " << message;
    EXPECT_FALSE(has(message, "sss")) << name;
  }
  EXPECT_EQ(refusal(Config{.keys_file = file("keys.json", "{\"keys\":[" + jwk + "]}")}), "");
}

TEST_F(KeySettings, AVerifyingKeyIsPublic) {
  const std::string good = file("public.pem", pem("P-256", Pem::Spki));
  EXPECT_EQ(refusal(Config{.verifying_key_file = good, .algorithm = "ES256"}), "");
  const std::string bad = file("private.pem", pem("P-256"));
  const std::string message = refusal(Config{.verifying_key_file = bad, .algorithm = "ES256"});
  EXPECT_TRUE(has(message, "private.pem") && has(message, "is a private key")) << message;
}

// RFC 7517 5: what is of no use here is left out; a set of our own says what it means.
TEST_F(KeySettings, AnotherIssuersSetMayHaveKeysForEncryption) {
  const std::string good = (*jwt::Key::from_pem(pem("P-256", Pem::Spki), {})).public_jwk();
  const std::string other =
      R"({"kty":"RSA","use":"enc","alg":"RSA-OAEP","kid":"x","n":"AQAB","e":"AQAB"})";
  const std::string path =
      file("set.json", R"({"keys":[)" + other + "," + good + "," + other + "]}");
  const auto loaded = load_issuer_keys(path, "RS256");
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->ring->keys().size(), 1U);
  EXPECT_TRUE(has(refusal(Config{.keys_file = path}), "its use is not"));
}

TEST_F(KeySettings, WarningsAreOfWhatWouldSurprise) {
  const auto warnings = [](const Config& config) {
    const auto loaded = load_keys(config);
    return loaded ? loaded->warnings : std::vector<std::string>{loaded.error().message};
  };
  const std::string secret = file("a.key", kLongSecret);
  chmod(secret.c_str(), 0600);
  EXPECT_EQ(warnings(Config{.signing_key_file = secret}).size(), 0U);
  const auto strict = warnings(Config{.signing_key_file = secret, .require_at_jwt = true});
  ASSERT_EQ(strict.size(), 1U);
  EXPECT_TRUE(has(strict[0], "require_at_jwt is set and write_at_jwt is not")) << strict[0];
  chmod(secret.c_str(), 0644);
  EXPECT_EQ(warnings(Config{.signing_key_file = secret}).size(), 1U);
  const std::string open = file("public.pem", pem("P-256", Pem::Spki));
  chmod(open.c_str(), 0644);
  EXPECT_EQ(warnings(Config{.signing_key_file = open, .algorithm = "ES256"}).size(), 0U);
}

// What the master seals for its workers is read as the same ring.
TEST_F(KeySettings, ThePrivateSetOfWhatWasLoadedLoadsAgain) {
  for (const auto& row : jwt::algorithms()) {
    const std::string text = row.is_symmetric() ? kLongSecret : pem(kind_for(row));
    Config config{.signing_key_file = file("a.key", text),
                  .algorithm = std::string(row.name),
                  .extra_algorithms = true};
    const auto first = load_keys(config);
    ASSERT_TRUE(first) << row.name << ": " << first.error().message;
    config.signing_key_file.clear();
    config.signing_key = std::string(first->ring->private_jwk_set().reveal());
    const auto again = load_keys(config);
    ASSERT_TRUE(again) << row.name << ": " << again.error().message;
    EXPECT_EQ(again->ring->signer()->thumbprint(), first->ring->signer()->thumbprint()) << row.name;
    EXPECT_EQ(again->ring->written_kid(*again->ring->signer()),
              first->ring->written_kid(*first->ring->signer()))
        << row.name;
  }
}

// Or the master takes it, and no worker takes what the master made of it.
TEST_F(KeySettings, AnRsaKeyOfThreePrimesIsRefusedAtOnce) {
  const crypto::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* made = nullptr;
  ASSERT_TRUE(EVP_PKEY_keygen_init(context.get()) == 1 &&
              EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), 2048) == 1 &&
              EVP_PKEY_CTX_set_rsa_keygen_primes(context.get(), 3) == 1 &&
              EVP_PKEY_generate(context.get(), &made) == 1);
  const crypto::EvpPkeyPtr key(made);
  const std::string path = file("three.pem", to_pem(key.get(), Pem::Pkcs8));
  EXPECT_TRUE(has(refusal(Config{.signing_key_file = path, .algorithm = "RS256"}), "two primes"));
}

// A DER file may end in any byte, a newline among them.
TEST_F(KeySettings, ADerFileThatEndsInANewlineIsNoSecret) {
  const std::string der =
      std::string("\x30\x59\x30\x13\x06\x07\x2A\x86", 8) + std::string(0x59 + 2 - 9, '\x07') + "\n";
  EXPECT_TRUE(has(refusal(Config{.signing_key_file = file("a.der", der)}), "a DER file"));
}

}  // namespace
}  // namespace tollgate::auth
