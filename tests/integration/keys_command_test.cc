// `tollgate keys` on a file of keys: what it makes, refuses and never loses.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/auth/jwt/test_keys.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

using Json = nlohmann::json;
using jwt::test::Pem;

class KeysFile : public testing::Test {
 protected:
  std::string path(std::string_view name = "keys.json") const { return directory_ / name; }
  std::string content(std::string_view name = "keys.json") const { return read_file(path(name)); }

  Command command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {binary(), "keys"});
    return {.arguments = std::move(arguments), .directory = directory_.path()};
  }
  Finished keys(std::vector<std::string> arguments) const {
    return run(command(std::move(arguments)));
  }
  // Must succeed.
  std::string good(std::vector<std::string> arguments) const {
    const Finished done = keys(std::move(arguments));
    EXPECT_EQ(done.status.code, 0) << done.err;
    return done.out;
  }
  // Must not, and changes nothing.
  std::string refusal(std::vector<std::string> arguments) const {
    const std::string before = content();
    const Finished done = keys(std::move(arguments));
    EXPECT_NE(done.status.code, 0) << done.out;
    EXPECT_EQ(content(), before);
    return done.err;
  }
  void generate(const std::string& algorithm = "ES256") const {
    good({"generate", "--algorithm", algorithm, "--file", "keys.json"});
  }
  Json list() const { return Json::parse(good({"list", "--json", "--file", "keys.json"})); }
  // Of a shell, which sets limits for it.
  Finished limited(const std::string& before, const std::string& arguments) const {
    return run(
        {.arguments = {"/bin/sh", "-c", before + "; exec '" + binary() + "' keys " + arguments},
         .directory = directory_.path()});
  }
  std::set<std::string> files() const {
    std::set<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path()))
      out.insert(entry.path().filename().string());
    return out;
  }
  mode_t mode(std::string_view name) const {
    struct stat info {};
    EXPECT_EQ(stat(path(name).c_str(), &info), 0) << name;
    return info.st_mode & 07777;
  }

  TempDir directory_;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_F(KeysFile, IsGeneratedForItsOwnerAloneAndNeverOverwritten) {
  const Finished made =
      run({.arguments = {"/bin/sh", "-c",
                         "umask 0; exec '" + binary() + "' keys generate --file keys.json"},
           .directory = directory_.path()});
  EXPECT_EQ(made.status.code, 0) << made.err;
  EXPECT_EQ(mode("keys.json"), 0600U);
  EXPECT_EQ(files(), (std::set<std::string>{"keys.json", "keys.json.lock"}));
  EXPECT_EQ(list()[0]["algorithm"], "ES256");
  EXPECT_TRUE(has(refusal({"generate", "--file", "keys.json"}), "`tollgate keys rotate`"));
}

TEST_F(KeysFile, IsMadeForEveryAlgorithm) {
  for (const char* name : {"HS256", "RS256", "ES384", "EdDSA"}) {
    const std::string file = std::string(name) + ".json";
    good({"generate", "--algorithm", name, "--file", file});
    EXPECT_TRUE(has(good({"list", "--file", file}), name));
  }
  EXPECT_TRUE(has(refusal({"generate", "--algorithm", "none", "--file", "x"}), "no algorithm"));
  EXPECT_TRUE(
      has(refusal({"generate", "--algorithm", "ES256K", "--file", "x"}), "extra_algorithms"));
  EXPECT_TRUE(has(refusal({"generate", "--algorithm", "ES256"}), "--file keys.json"));
}

TEST_F(KeysFile, RotationAddsASignerAndTakesThePrivateHalfOfTheOld) {
  generate();
  const std::string old = list()[0]["kid"];
  const std::string said = good({"rotate", "--file", "keys.json"});
  for (const char* part : {"signs from now on", "only verifies", "no longer in the file",
                           "within a second", "1d more (refresh_token_lifetime)"})
    EXPECT_TRUE(has(said, part)) << part << " in\n" << said;
  const Json rows = list();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1]["kid"], old);
  EXPECT_EQ(rows[0]["signs"], true);
  EXPECT_EQ(rows[1]["signs"], false);
  const Json set = Json::parse(content());
  EXPECT_TRUE(set["keys"][0].contains("d"));
  EXPECT_FALSE(set["keys"][1].contains("d"));
  // The command that it names is one.
  const auto at = said.find("tollgate keys retire");
  ASSERT_NE(at, std::string::npos);
  const std::string next = said.substr(at + 14, said.find('\n', at) - at - 14);
  EXPECT_EQ(limited("true", next).status.code, 0) << next;
  EXPECT_EQ(list().size(), 1U);
}

TEST_F(KeysFile, EightRotationsAtOnceLoseNoKey) {
  generate();
  std::deque<Process> rotations;
  for (int i = 0; i < 8; ++i) rotations.emplace_back(command({"rotate", "--file", "keys.json"}));
  for (Process& one : rotations) EXPECT_EQ(one.wait(), (ExitStatus{.code = 0})) << one.err().text();
  const Json rows = list();
  EXPECT_EQ(rows.size(), 9U);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i]["signs"], i == 0);
  EXPECT_EQ(files(), (std::set<std::string>{"keys.json", "keys.json.lock"}));
}

TEST_F(KeysFile, KeepsItsModeAndTheLinkThatNamesIt) {
  std::filesystem::create_directory(path("real"));
  good({"generate", "--file", "real/keys.json"});
  chmod(path("real/keys.json").c_str(), 0640);
  std::filesystem::create_symlink("real/keys.json", path());
  good({"rotate", "--file", "keys.json"});
  EXPECT_TRUE(std::filesystem::is_symlink(path()));
  EXPECT_EQ(mode("real/keys.json"), 0640U);
  EXPECT_EQ(list().size(), 2U);
}

TEST_F(KeysFile, KeepsItsOwnerWhenRootRotates) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  generate();
  ASSERT_EQ(chown(path().c_str(), 12345, 12346), 0);
  good({"rotate", "--file", "keys.json"});
  for (const char* name : {"keys.json", "keys.json.lock"}) {
    struct stat info {};
    ASSERT_EQ(stat(path(name).c_str(), &info), 0);
    EXPECT_EQ(info.st_uid, 12345U) << name;
    EXPECT_EQ(info.st_gid, 12346U) << name;
  }
}

// RLIMIT_FSIZE stands for a full disk: the write fails, with EFBIG in place of ENOSPC.
TEST_F(KeysFile, StaysAsItWasWhenTheDiskIsFull) {
  generate();
  const std::string before = content();
  const Finished full = limited("trap '' XFSZ; ulimit -f 0", "rotate --file keys.json");
  EXPECT_EQ(full.status.code, 1) << full.out;
  EXPECT_TRUE(has(full.err, "stays as it was")) << full.err;
  EXPECT_TRUE(has(full.err, "EFBIG")) << full.err;
  EXPECT_EQ(content(), before);
  EXPECT_EQ(files(), (std::set<std::string>{"keys.json", "keys.json.lock"}));
}

TEST_F(KeysFile, StaysAsItWasWhenTheCommandIsKilledAndTheNextOneCleansUp) {
  generate();
  const std::string before = content();
  const Finished killed = limited("ulimit -c 0; ulimit -f 0", "rotate --file keys.json");
  EXPECT_EQ(killed.status.signal, SIGXFSZ) << killed.err;
  EXPECT_EQ(content(), before);
  good({"rotate", "--file", "keys.json"});
  EXPECT_EQ(list().size(), 2U);
  EXPECT_EQ(files(), (std::set<std::string>{"keys.json", "keys.json.lock"}));
}

TEST_F(KeysFile, WhatCannotBeReadIsSaidWithoutWhatIsInIt) {
  const std::string reasons[][2] = {
      {"", "is not strict JSON"},
      {"HUSH", "is not strict JSON"},
      {R"({"keys":[{"kty":"oct","k":"HUSH"}]})", "key 1: the signing key has 3 bytes"},
      {R"({"keys":"HUSH"})", "is no array"},
      {R"({"keys":[]} HUSH)", "is not strict JSON"},
      {jwt::test::pem("P-256"), "is not strict JSON"},
  };
  for (const auto& [text, reason] : reasons) {
    write_file(path(), text);
    chmod(path().c_str(), 0600);
    for (const char* name : {"list", "rotate", "jwks"}) {
      const std::string error = refusal({name, "--file", "keys.json"});
      EXPECT_TRUE(has(error, "keys.json: ")) << error;
      EXPECT_TRUE(has(error, reason)) << error;
      EXPECT_FALSE(has(error, "HUSH")) << error;
    }
  }
}

TEST_F(KeysFile, WhatIsNotThereIsSaid) {
  EXPECT_TRUE(has(refusal({"rotate", "--file", "none.json"}), "there is no such file"));
  EXPECT_TRUE(has(refusal({"list", "--file", "none.json"}), "ENOENT"));
  EXPECT_TRUE(has(refusal({"generate", "--file", "no/keys.json"}), "there is no such directory"));
  EXPECT_TRUE(has(refusal({"list"}), "--file keys.json"));
  EXPECT_TRUE(has(refusal({"list", "--file", "."}), "EISDIR"));
  EXPECT_TRUE(files().empty());
  if (geteuid() == 0) return;  // may read everything
  generate();
  chmod(path().c_str(), 0);
  EXPECT_TRUE(has(keys({"list", "--file", "keys.json"}).err, "EACCES"));
}

TEST_F(KeysFile, TheSettingNamesItToo) {
  write_file(path("tollgate.toml"), "keys_file = 'keys.json'\nrefresh_token_lifetime = '7d'\n");
  generate();
  EXPECT_TRUE(has(good({"rotate"}), "7d more (refresh_token_lifetime)"));
  EXPECT_EQ(Json::parse(good({"list", "--json"})).size(), 2U);
}

TEST_F(KeysFile, ImportedKeysOnlyVerifyUnlessTheyAreToSign) {
  generate();
  const std::string signer = list()[0]["kid"];
  write_file(path("rsa.pem"), jwt::test::pem("RSA"));
  write_file(path("ed.pem"), jwt::test::pem("Ed25519", Pem::Spki));
  write_file(path("p384.jwk"),
             std::string(jwt::test::key_for(*jwt::find_algorithm("ES384")).private_jwk().reveal()));
  EXPECT_TRUE(has(good({"import", "--file", "keys.json", "--algorithm", "PS256", "rsa.pem"}),
                  "private half is left out"));
  good({"import", "--file", "keys.json", "ed.pem"});
  EXPECT_EQ(list()[0]["kid"], signer);
  EXPECT_EQ(list()[1]["algorithm"], "PS256");
  EXPECT_FALSE(Json::parse(content())["keys"][1].contains("d"));

  EXPECT_TRUE(has(good({"import", "--file", "keys.json", "--sign", "p384.jwk"}), "signs from now"));
  const Json rows = list();
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0]["algorithm"], "ES384");
  EXPECT_EQ(rows[1]["kid"], signer);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i]["signs"], i == 0);

  EXPECT_TRUE(has(refusal({"import", "--file", "keys.json", "ed.pem"}), "is the same key as"));
  EXPECT_TRUE(has(refusal({"import", "--file", "keys.json", "--sign", "ed.pem"}), "cannot sign"));
}

// To be gentle with who caches public keys: first they are told of it, then it signs.
TEST_F(KeysFile, AKeyThatWasPublishedMaySignLater) {
  generate();
  const std::string old = list()[0]["kid"];
  write_file(path("next.pem"), jwt::test::pem("P-256"));
  good({"import", "--file", "keys.json", "next.pem"});
  EXPECT_EQ(list()[0]["kid"], old);
  const std::string next = list()[1]["kid"];
  EXPECT_TRUE(has(good({"import", "--file", "keys.json", "--sign", "next.pem"}), "keys retire"));
  const Json rows = list();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0]["kid"], next);
  EXPECT_EQ(rows[0]["signs"], true);
  EXPECT_FALSE(Json::parse(content())["keys"][1].contains("d"));
}

TEST_F(KeysFile, ImportRefusesWhatIsNoKeyInWordsThatHelp) {
  generate();
  write_file(path("encrypted.pem"),
             "-----BEGIN ENCRYPTED PRIVATE KEY-----\nHUSH\n-----END ENCRYPTED PRIVATE KEY-----\n");
  write_file(path("broken.pem"), "-----BEGIN PRIVATE KEY-----\nHUSH\n-----END PRIVATE KEY-----\n");
  write_file(path("id.pub"), "ssh-rsa HUSH me@here\n");
  write_file(path("text"), "HUSH, but no key, and long enough to be a secret of somebody\n");
  write_file(path("bad.jwk"), R"({"kty":"EC","crv":"P-256","x":"HUSH","y":"HUSH"})");
  const std::pair<const char*, const char*> rows[] = {
      {"encrypted.pem", "is encrypted: decrypt it with `openssl pkey`"},
      {"broken.pem", "cannot be read"},
      {"id.pub", "ssh-keygen -e"},
      {"text", "--algorithm HS256"},
      {"bad.jwk", "coordinates"},
      {"none.pem", "ENOENT"}};
  for (const auto& [file, reason] : rows) {
    const std::string error = refusal({"import", "--file", "keys.json", file});
    EXPECT_TRUE(has(error, reason)) << error;
    EXPECT_FALSE(has(error, "HUSH")) << error;
  }
}

TEST_F(KeysFile, ASecretMovesInWithItsTokens) {
  write_file(path("signing.key"), jwt::test::kLongSecret + "\n");
  good({"import", "--file", "keys.json", "--sign", "--algorithm", "HS256", "signing.key"});
  good({"rotate", "--file", "keys.json"});
  EXPECT_TRUE(has(refusal({"jwks", "--file", "keys.json"}), "there is nothing public"));
  const auto ring = *jwt::KeyRing::create(*jwt::Key::from_jwk_set(content()));
  EXPECT_EQ(ring->keys().size(), 2U);
  EXPECT_EQ(ring->keys()[1].thumbprint(),
            jwt::test::ring_for(jwt::hs256())->signer()->thumbprint());
}

TEST_F(KeysFile, EveryHelpHasAnExample) {
  for (const char* name : {"generate", "import", "list", "rotate", "retire", "jwks"})
    EXPECT_TRUE(has(good({name, "--help"}), "  tollgate keys ")) << name;
}

}  // namespace
}  // namespace tollgate::test
