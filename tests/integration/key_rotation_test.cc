// The keys become others while the server runs, and no token that was valid is refused.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdio>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "auth/jwt/decoder.h"
#include "auth/jwt/key_ring.h"
#include "tests/auth/jwt/test_keys.h"
#include "tests/integration/upgrade_fixture.h"
#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

using Json = nlohmann::json;

// A JWK Set in a file: the newest key signs, the others verify.
class KeyFile {
 public:
  explicit KeyFile(std::string path) : path_(std::move(path)) { rotate(); }

  const std::string& path() const { return path_; }
  const std::string& kid() const { return keys_.front().kid(); }

  void rotate() {
    const crypto::EvpPkeyPtr made = jwt::test::generate("P-256");
    keys_.insert(keys_.begin(),
                 *jwt::Key::from_pem(jwt::test::to_pem(made.get(), jwt::test::Pem::Pkcs8)));
    write();
  }
  void retire_all_but_the_signer() {
    keys_.erase(keys_.begin() + 1, keys_.end());
    write();
  }
  // What stands in the file now takes the place of the old text at once.
  void put(const std::string& text) const {
    write_file(path_ + ".new", text);
    chmod((path_ + ".new").c_str(), 0600);
    ASSERT_EQ(std::rename((path_ + ".new").c_str(), path_.c_str()), 0);
  }
  void write() const {
    Json set = {{"keys", Json::array()}};
    for (const jwt::Key& key : keys_)
      set["keys"].push_back(Json::parse(&key == &keys_.front()
                                            ? key.private_jwk().reveal()
                                            : std::string_view(key.public_jwk())));
    put(set.dump());
  }

 private:
  std::string path_;
  std::vector<jwt::Key> keys_;
};

std::vector<std::string> arguments(const Site& site, const KeyFile& keys,
                                   std::vector<std::string> more = {}) {
  std::vector<std::string> out = {"serve",     "--bind",     "127.0.0.1:0",  "--keys-file",
                                  keys.path(), "--database", site.database()};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

Json obtain(const Address& address) {
  const auto answer =
      post_json(address, "/api/token/",
                Json{{"username", "alice"}, {"password", password_of("alice")}}.dump());
  EXPECT_EQ(answer.status, 200) << answer.body;
  return Json::parse(answer.body, nullptr, false);
}

std::string kid_of(const std::string& token) {
  jwt::Decoder decoder;
  const auto header = decoder.header(std::string_view(token).substr(0, token.find('.')));
  return header && header->key_id ? std::string(*header->key_id) : "";
}

// Clients that fetch a new access token and use it at once, and one that is older, each time on
// another connection and so at another worker. A broken connection is no answer, and is not judged.
class TokenUsers {
 public:
  TokenUsers(const Address& address, const std::string& refresh)
      : address_(address), body_(Json{{"refresh", refresh}}.dump()) {
    for (int i = 0; i < 4; ++i) threads_.emplace_back([this] { run(); });
  }
  ~TokenUsers() { stop(); }

  void stop() {
    stopping_ = true;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }
  uint64_t used() const { return used_; }
  std::vector<std::string> refused() {
    const std::lock_guard lock(mutex_);
    return refused_;
  }

 private:
  void run() {
    std::string older;
    while (!stopping_) {
      HttpClient client(address_);
      const auto made = client.exchange("POST", "/api/token/refresh/",
                                        {{"Content-Type", "application/json"}}, body_);
      if (!made) continue;
      note(*made, "refresh");
      if (made->status != 200) continue;
      const std::string access = Json::parse(made->body)["access"];
      for (int i = 0; i < 4; ++i) use(access, "just made");
      if (!older.empty()) use(older, "older");
      if (older.empty() || used_ % 64 == 0) older = access;
    }
  }
  void use(const std::string& access, const std::string& what) {
    HttpClient client(address_);
    const auto answer = client.exchange("GET", "/api/me", bearer(access));
    if (answer) note(*answer, what);
  }
  void note(const HttpResponse& answer, const std::string& what) {
    ++used_;
    if (answer.status == 200) return;
    const std::lock_guard lock(mutex_);
    refused_.push_back(what + ": " + std::to_string(answer.status) + " " + answer.body);
  }

  const Address address_;
  const std::string body_;
  std::atomic<bool> stopping_ = false;
  std::atomic<uint64_t> used_ = 0;
  std::mutex mutex_;
  std::vector<std::string> refused_;
  std::vector<std::thread> threads_;
};

constexpr std::string_view kDone = "keys: all workers use the same ones";

TEST(KeyRotation, RefusesNoTokenThatWasValid) {
  const Site site;
  KeyFile keys(site.directory() / "keys.json");
  const ServerProcess server(site.command(arguments(site, keys, {"--workers", "4"})));
  const Json pair = obtain(server.address());
  TokenUsers users(server.address(), pair["refresh"]);
  for (int i = 0; i < 5; ++i) {
    const std::size_t mark = server.log().mark();
    const std::vector<pid_t> before = server.workers();
    keys.rotate();
    if (i == 1) server.signal(SIGHUP);
    if (i == 3) {
      ASSERT_TRUE(server.log().wait_for("told to verify", mark)) << server.log().text();
      kill(before.front(), SIGKILL);
    }
    ASSERT_TRUE(server.log().wait_for(kDone, mark)) << server.log().text();
    EXPECT_EQ(kid_of(obtain(server.address())["access"]), keys.kid());
  }
  users.stop();
  EXPECT_GT(users.used(), 100u);
  EXPECT_EQ(users.refused(), std::vector<std::string>()) << server.log().text();
}

TEST(KeyRotation, EndsTheTokensOfARetiredKey) {
  const Site site;
  KeyFile keys(site.directory() / "keys.json");
  const ServerProcess server(site.command(arguments(site, keys, {"--workers", "2"})));
  const std::string old = obtain(server.address())["access"];
  std::size_t mark = server.log().mark();
  keys.rotate();
  ASSERT_TRUE(server.log().wait_for(kDone, mark)) << server.log().text();
  EXPECT_EQ(get(server.address(), "/api/me", bearer(old)).status, 200);
  const std::string young = obtain(server.address())["access"];
  mark = server.log().mark();
  keys.retire_all_but_the_signer();
  ASSERT_TRUE(server.log().wait_for(kDone, mark)) << server.log().text();
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(get(server.address(), "/api/me", bearer(old)).status, 401);
    EXPECT_EQ(get(server.address(), "/api/me", bearer(young)).status, 200);
  }
}

TEST(KeyRotation, ToAFileThatIsNoGoodKeepsTheOldKeysAndSaysSoOnce) {
  const Site site;
  const KeyFile keys(site.directory() / "keys.json");
  const ServerProcess server(site.command(arguments(site, keys, {"--workers", "1"})));
  const std::string token = obtain(server.address())["access"];
  keys.put("not a JWK Set");
  ASSERT_TRUE(server.log().wait_for("the keys stay as they were: " + keys.path()))
      << server.log().text();
  const std::size_t mark = server.log().mark();
  keys.put(R"({"keys":[]})");  // another mistake is another line
  ASSERT_TRUE(server.log().wait_for("the keys stay as they were: " + keys.path(), mark));
  EXPECT_EQ(get(server.address(), "/api/me", bearer(token)).status, 200);
  EXPECT_EQ(server.log().text().find("not a JWK"), std::string::npos) << "no text of the file";
}

TEST(KeyRotation, ToSecretsFromPublicKeysIsRefusedWithAReason) {
  const Site site;
  const KeyFile keys(site.directory() / "keys.json");
  const ServerProcess server(site.command(arguments(site, keys, {"--workers", "1"})));
  const std::string token = obtain(server.address())["access"];
  keys.put(R"({"keys":[{"kty":"oct","alg":"HS256","k":")" + std::string(64, 'A') + R"("}]})");
  ASSERT_TRUE(server.log().wait_for("secrets (oct) and public keys are not in one set"))
      << server.log().text();
  const std::size_t mark = server.log().mark();
  server.signal(SIGHUP);
  ASSERT_TRUE(server.log().wait_for("reload: nothing was changed", mark)) << server.log().text();
  EXPECT_EQ(get(server.address(), "/api/me", bearer(token)).status, 200);
}

// Each file is fine; both together are more than a worker reads.
TEST(KeyRotation, ToMoreKeysThanAWorkerTakesIsRefusedWithAReason) {
  const Site site;
  const KeyFile keys(site.directory() / "keys.json");
  const auto put_secrets = [&keys](char with) {
    Json set = {{"keys", Json::array()}};
    for (int i = 100; i < 230; ++i) {
      const std::string name = with + std::to_string(i);
      set["keys"].push_back(
          {{"kty", "oct"}, {"alg", "HS256"}, {"kid", name}, {"k", name + std::string(60, 'A')}});
    }
    keys.put(set.dump());
  };
  put_secrets('a');
  const ServerProcess server(site.command(arguments(site, keys, {"--workers", "1"})));
  const std::string token = obtain(server.address())["access"];
  put_secrets('b');
  ASSERT_TRUE(server.log().wait_for("the keys stay as they were: the JWK Set has more than 256"))
      << server.log().text();
  EXPECT_EQ(get(server.address(), "/api/me", bearer(token)).status, 200);
}

// The key that signs came as a text, which the master has given away: without it, the file is all
// that there is.
TEST(KeyRotation, IsNoneWhenThePublicHalfOfATextChanges) {
  const Site site;
  const std::string path = site.directory() / "public.pem";
  const auto put = [&path] {
    write_file(path + ".new", jwt::test::pem("P-256", jwt::test::Pem::Spki));
    ASSERT_EQ(std::rename((path + ".new").c_str(), path.c_str()), 0);
  };
  put();
  Command command =
      site.command({"serve", "--bind", "127.0.0.1:0", "--workers", "1", "--database",
                    site.database(), "--algorithm", "ES256", "--verifying-key-file", path});
  command.environment = {"TOLLGATE_SIGNING_KEY=" + jwt::test::pem("P-256")};
  ServerProcess server(command);
  const GroupGuard guard(server.pid());
  obtain(server.address());
  put();
  server.signal(SIGUSR2);  // looks at the files at once
  ASSERT_TRUE(server.log().wait_for("upgrade: started master")) << server.log().text();
  EXPECT_EQ(server.log().text().find("told to verify"), std::string::npos) << server.log().text();
  obtain(server.address());
  kill(-server.pid(), SIGTERM);
  server.expect_end({.code = 0});
}

TEST(KeyRotation, OfASecretTakesTokensWithoutKid) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "2"});
  const std::string old = site.token(1);
  EXPECT_EQ(get(server.address(), "/api/me", bearer(old)).status, 200);
  const std::size_t mark = server.log().mark();
  const std::string path = site.directory() / "signing.key";
  write_file(path + ".new", std::string(64, 'n'));
  chmod((path + ".new").c_str(), 0600);
  ASSERT_EQ(std::rename((path + ".new").c_str(), path.c_str()), 0);
  ASSERT_TRUE(server.log().wait_for("keys: all workers verify with them", mark));
  ASSERT_TRUE(server.log().wait_for(kDone, mark));
  EXPECT_EQ(get(server.address(), "/api/me", bearer(old)).status, 401) << "its secret is gone";
  const std::string young = obtain(server.address())["access"];
  EXPECT_EQ(get(server.address(), "/api/me", bearer(young)).status, 200);
}

TEST(KeyRotation, IsNotHeldUpForEverByAWorkerThatStopped) {
  const Site site;
  KeyFile keys(site.directory() / "keys.json");
  const ServerProcess server(
      site.command(arguments(site, keys, {"--workers", "2", "--timeout", "2s"})));
  const std::vector<pid_t> before = server.workers();
  const std::size_t mark = server.log().mark();
  kill(before.front(), SIGSTOP);
  keys.rotate();
  ASSERT_TRUE(server.log().wait_for(kDone, mark, 30s)) << server.log().text();
  ASSERT_TRUE(server.wait_for_workers(2, {before.front()}));
  EXPECT_EQ(kid_of(obtain(server.address())["access"]), keys.kid());
}

TEST(KeyRotation, OfAReloadThatNamesAnotherFile) {
  const Site site;
  const KeyFile keys(site.directory() / "keys.json");
  const KeyFile others(site.directory() / "others.json");
  const std::string config = site.directory() / "tollgate.toml";
  const auto configure = [&](const std::string& file) {
    write_file(config, "bind = [\"127.0.0.1:0\"]\nworkers = 2\nkeys_file = \"" + file +
                           "\"\ndatabase = \"" + site.database() + "\"\n");
  };
  configure(keys.path());
  const ServerProcess server(site.command({"serve", "--config", config}));
  const std::string token = obtain(server.address())["access"];
  configure(others.path());
  const std::size_t mark = server.log().mark();
  server.signal(SIGHUP);
  ASSERT_TRUE(server.log().wait_for(kDone, mark)) << server.log().text();
  EXPECT_EQ(kid_of(obtain(server.address())["access"]), others.kid());
  EXPECT_EQ(get(server.address(), "/api/me", bearer(token)).status, 401)
      << "the other file does not have its key";
}

// The application of the new generation does not start.
TEST(KeyRotation, OfAReloadThatIsAbandonedGoesBack) {
  const Site site;
  const KeyFile keys(site.directory() / "keys.json");
  const KeyFile others(site.directory() / "others.json");
  const std::string config = site.directory() / "tollgate.toml";
  const auto configure = [&](const std::string& file) {
    write_file(config, "bind = [\"127.0.0.1:0\"]\nkeys_file = \"" + file +
                           "\"\ncontrol_socket = \"" + site.directory() / "ctl" +
                           "\"\ndatabase = \"" + site.database() + "\"\n");
  };
  configure(keys.path());
  const std::string how = site.directory() / "how";
  write_file(how, "well");
  Command command =
      site.command({"serve", "--config", config, TEST_APPLICATIONS "/libtest_boot.so"});
  command.environment.push_back("TEST_BOOT=" + how);
  const ServerProcess server(command);
  configure(others.path());
  write_file(how, "throw");
  const std::size_t mark = server.log().mark();
  server.signal(SIGHUP);
  ASSERT_TRUE(server.log().wait_for("is abandoned", mark)) << server.log().text();
  ASSERT_TRUE(server.log().wait_for(kDone, mark)) << server.log().text();
  const Finished status = run(site.command({"ctl", "status", "--config", config, "--json"}));
  EXPECT_NE(status.out.find(R"("keys":{"phase":"steady","rotations":0})"), std::string::npos)
      << status.out << status.err;
}

}  // namespace
}  // namespace tollgate::test
