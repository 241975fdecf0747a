// What becomes of the keys of a file, and what is said of them.
// SPDX-License-Identifier: Apache-2.0
#include "app/commands/key_set.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tollgate::commands {
namespace {

using Json = nlohmann::json;

jwt::Key make(const char* algorithm) {
  return *jwt::Key::generate(*jwt::find_algorithm(algorithm), /*extra_algorithms=*/true);
}

jwt::Key secret(const std::string& kid) {
  return *jwt::Key::from_secret(crypto::SecretString(std::string(32, 's') + kid), jwt::hs256(),
                                kid);
}

Keys secrets(const std::vector<std::string>& kids) {
  Keys others;
  for (std::size_t i = 1; i < kids.size(); ++i) others.push_back(secret(kids[i]));
  return with_signer(std::move(others), secret(kids.front()));
}

std::vector<std::string> kids(const Keys& keys) {
  std::vector<std::string> out;
  for (const jwt::Key& key : keys) out.push_back(key.kid());
  return out;
}

std::string text_of(Keys keys) {
  const auto text = file_text(std::move(keys), true);
  return text ? std::string(text->reveal()) : "error: " + text.error().message;
}

using Texts = std::vector<std::string>;

TEST(KeySet, ANewSignerIsTheFirstAndTheOnlyOne) {
  Keys keys;
  for (const char* algorithm : {"ES256", "EdDSA", "RS256"}) {
    const std::string kid = keys.empty() ? "" : keys.front().kid();
    keys = with_signer(std::move(keys), make(algorithm));
    EXPECT_EQ(signers(keys), Texts{keys.front().kid()});
    EXPECT_NE(keys.front().kid(), kid);
  }
  const Json set = Json::parse(text_of(std::move(keys)));
  ASSERT_EQ(set["keys"].size(), 3U);
  EXPECT_TRUE(set["keys"][0].contains("d"));
  for (const std::size_t old : {1, 2})
    for (const char* name : {"d", "p", "q", "dp", "dq", "qi"})
      EXPECT_FALSE(set["keys"][old].contains(name)) << old << name;
}

TEST(KeySet, AnOldSecretVerifiesAndNeverSignsAgain) {
  const Json set = Json::parse(text_of(secrets({"new", "old"})));
  EXPECT_FALSE(set["keys"][0].contains("key_ops"));
  EXPECT_EQ(set["keys"][1]["key_ops"], Json{"verify"});
  const auto again = jwt::KeyRing::create(*jwt::Key::from_jwk_set(set.dump()));
  EXPECT_EQ((*again)->signer()->kid(), "new");
  EXPECT_FALSE((*again)->keys()[1].may_sign());
}

TEST(KeySet, WhatIsReadAgainSignsWithTheSameKey) {
  Keys keys = with_signer({}, make("ES256"));
  keys = with_signer(std::move(keys), make("ES256"));
  const std::string kid = keys.front().kid();
  const auto again = jwt::Key::from_jwk_set(text_of(std::move(keys)));
  ASSERT_TRUE(again);
  EXPECT_EQ(signers(*again), Texts{kid});
}

TEST(KeySet, AnImportedKeyVerifiesBehindTheOthers) {
  Keys more;
  more.push_back(secret("b"));
  const Keys keys = with_verifiers(secrets({"a"}), std::move(more));
  EXPECT_EQ(kids(keys), (Texts{"a", "b"}));
  EXPECT_EQ(signers(keys), Texts{"a"});
}

TEST(KeySet, AKeyThatOnlyVerifiedMaySignWithItsPrivateHalf) {
  jwt::Key key = make("ES256");
  const std::string jwk(key.private_jwk().reveal());
  Keys keys = with_signer({}, make("ES256"));
  Keys more;
  more.push_back(std::move(key));
  keys = with_verifiers(std::move(keys), std::move(more));
  keys = with_signer(std::move(keys), *jwt::Key::from_jwk(jwk));
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(signers(keys), Texts{keys.front().kid()});
}

TEST(KeySet, RetiresByAKidOrByWhatOnlyOneBeginsWith) {
  struct Row {
    const char* kid;
    Texts left;  // empty: refused
    const char* message;
  };
  const Row rows[] = {
      {"b1", {"a", "b2", "b2x"}, ""},
      {"b2", {"a", "b1", "b2x"}, ""},  // itself, though another begins so
      {"b2x", {"a", "b1", "b2"}, ""},
      {"b", {}, "several keys begin with \"b\": b1, b2, b2x"},
      {"c", {}, "there is no key \"c\""},
      {"", {}, "there is no key \"\""},
      {"\x1B[2J", {}, "there is no key \"\\x1b[2J\""},
      {"a", {}, "key \"a\" signs"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.kid);
    const auto done = without(secrets({"a", "b1", "b2", "b2x"}), row.kid);
    EXPECT_EQ(done.has_value(), !row.left.empty());
    if (done)
      EXPECT_EQ(kids(done->keys), row.left);
    else
      EXPECT_TRUE(done.error().message.starts_with(row.message)) << done.error().message;
  }
}

TEST(KeySet, NeverRetiresTheLastKey) {
  const auto done = without(with_verifiers({}, secrets({"a"})), "a");
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("is the last one"), std::string::npos);
}

TEST(KeySet, WritesNothingThatAServerWouldRefuse) {
  EXPECT_NE(text_of(with_signer(secrets({"a"}), make("ES256"))).find("not in one set"),
            std::string::npos);
  Texts many;
  for (int i = 0; i < 257; ++i) many.push_back("k" + std::to_string(i));
  EXPECT_NE(text_of(secrets(many)).find("more than 256 keys"), std::string::npos);
  many.pop_back();
  EXPECT_TRUE(text_of(secrets(many)).starts_with("{\"keys\":"));
  EXPECT_NE(text_of({}).find("there is no key"), std::string::npos);
}

TEST(KeySet, ErrorsAndTablesHoldNoSecret) {
  const auto ring = *jwt::KeyRing::create(secrets({"a", "b"}));
  for (const std::string& text : {table(*ring), table_json(*ring)}) {
    EXPECT_EQ(text.find("ssss"), std::string::npos) << text;
    EXPECT_EQ(text.find("c3Nz"), std::string::npos) << "base64url of the same: " << text;
  }
}

TEST(KeySet, TheTableSaysWhoSigns) {
  Keys keys = secrets({"signer", "a\nb"});
  const auto ring = *jwt::KeyRing::create(std::move(keys));
  EXPECT_EQ(table(*ring),
            "kid     algorithm  size        use\n"
            "signer  HS256      38 bytes    signs, verifies\n"
            "a\\x0ab  HS256      35 bytes    verifies\n");
  const Json json = Json::parse(table_json(*ring));
  EXPECT_EQ(json[0]["signs"], true);
  EXPECT_EQ(json[1], (Json{{"kid", "a\nb"},
                           {"algorithm", "HS256"},
                           {"size", "35 bytes"},
                           {"signs", false},
                           {"verifies", true}}));
}

TEST(KeySet, ANewKeyIsAsTheOneThatSigns) {
  EXPECT_EQ(algorithm_of_next({}).name, "ES256");
  Keys keys = with_signer({}, make("EdDSA"));
  EXPECT_EQ(algorithm_of_next(keys).name, "EdDSA");
  EXPECT_EQ(algorithm_of_next(with_verifiers({}, std::move(keys))).name, "EdDSA");
}

TEST(KeySet, EveryAlgorithmCanBeGenerated) {
  const std::pair<const char*, const char*> rows[] = {
      {"HS512", "86 bytes"}, {"PS256", "3072 bits"}, {"ES256", "P-256"},      {"ES384", "P-384"},
      {"ES512", "P-521"},    {"EdDSA", "Ed25519"},   {"ES256K", "secp256k1"}, {"Ed448", "Ed448"}};
  for (const auto& [name, strength] : rows) {
    const jwt::Key key = make(name);
    EXPECT_EQ(key.algorithm().name, name);
    EXPECT_EQ(key.strength(), strength);
    EXPECT_TRUE(key.may_sign());
  }
  EXPECT_NE(
      jwt::Key::generate(*jwt::find_algorithm("ES256K")).error().message.find("extra_algorithms"),
      std::string::npos);
}

TEST(KeySet, TheNextStepsGiveTheLongestLifeOfAToken) {
  const std::string text = next_steps({"-old"}, Config{}, "my keys.json");
  EXPECT_NE(text.find("1d more (refresh_token_lifetime)"), std::string::npos) << text;
  EXPECT_NE(text.find("retire --file 'my keys.json' -- -old\n"), std::string::npos) << text;
  EXPECT_NE(next_steps({"a"}, {.sliding_token_refresh_lifetime = 168h}, "k")
                .find("7d more (sliding_token_refresh_lifetime)"),
            std::string::npos);
  EXPECT_EQ(next_steps({}, Config{}, "k").find("retire"), std::string::npos);
}

TEST(KeySet, AWordForTheShellStaysOneWord) {
  const std::pair<const char*, const char*> rows[] = {
      {"keys.json", "keys.json"}, {"", "''"},           {"a b", "'a b'"},
      {"it's", "'it'\\''s'"},     {"$(rm)", "'$(rm)'"}, {"~/k", "'~/k'"}};
  for (const auto& [text, word] : rows) EXPECT_EQ(shell_word(text), word);
}

}  // namespace
}  // namespace tollgate::commands
