// simplejwt's wire contract, replayed: what its probe asked, and what we are to answer. Where that
// is not what simplejwt answers, tests/data/simplejwt/differences.md has the reason.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ctime>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "auth/crypto/password_hash.h"
#include "auth/users/sqlite.h"
#include "auth/users/sqlite_user_store.h"
#include "server/base/text.h"
#include "tests/support/http_client.h"
#include "tests/support/matches.h"
#include "tests/support/server_process.h"
#include "tests/support/token.h"

namespace tollgate::test {
namespace {

using Json = nlohmann::json;
using FieldTable = std::map<std::string, std::vector<std::string>>;

std::string hash_of(std::string_view password) {
  return crypto::PasswordHasher(/*iterations=*/1000).encode(password).value_or("");
}

// The users of the recorded project, and what happens to three of them on the way.
class Project {
 public:
  Project() : store_(*users::SqliteUserStore::open(path())) {
    add("alice", "wonderland-9");
    add("bob", "builder-9", {.is_active = false});
    add("root", "toor-99999", {.is_staff = true, .is_superuser = true});
    add("ghost", "boo-99999");
    add("sleepy", "zzz-99999");
    add("carol", "christmas-9");
    write_file(directory_ / "key", "peer-secret-key-0123456789abcdef-0123456789abcdef");
    chmod((directory_ / "key").c_str(), 0600);
  }

  Command server() const {
    return {.arguments = {binary(), "serve", "--workers", "4", "--bind", "127.0.0.1:0",
                          "--signing-key-file", directory_ / "key", "--database",
                          "sqlite:" + path(), "--rotate-refresh-tokens", "--token-blacklist",
                          "--blacklist-after-rotation", TEST_APPLICATIONS "/libtest_parity.so"},
            .directory = directory_.path()};
  }

  void manage(const std::string& name) {
    const auto user = store_->find_by_name(name);
    ASSERT_TRUE(user && *user) << name;
    if (name == "ghost") {
      const auto connection = users::Connection::open(path());
      ASSERT_TRUE(connection);
      EXPECT_TRUE(connection->execute("DELETE FROM auth_user WHERE username = 'ghost'"));
    } else if (name == "sleepy") {
      EXPECT_TRUE(store_->set_active((*user)->id, false));
    } else {
      EXPECT_TRUE(store_->set_password((*user)->id, hash_of("new-christmas-9")));
    }
  }

 private:
  std::string path() const { return directory_ / "users.db"; }
  void add(const std::string& name, std::string_view password, users::NewUser user = {}) {
    user.username = name;
    user.password_hash = hash_of(password);
    EXPECT_TRUE(store_->add(user));
  }

  TempDir directory_;
  std::unique_ptr<users::SqliteUserStore> store_;
};

// The file has bytes as characters of Latin-1.
std::string bytes_of(const std::string& utf8) {
  std::string out;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x80)
      out += utf8[i];
    else
      out += static_cast<char>((byte & 3) << 6 | (static_cast<unsigned char>(utf8[++i]) & 0x3F));
  }
  return out;
}

std::string replace_all(std::string text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

// "<now+300>" as the number that it is now.
std::string fill_in_times(const std::string& payload) {
  return replace_each(payload, "<now([+-][0-9]+)>", [](std::string_view seconds) {
    return std::to_string(std::time(nullptr) + std::stoll(std::string(seconds)));
  });
}

crypto::Digest digest_of(const std::string& name) {
  if (name == "sha384") return crypto::Digest::Sha384;
  return name == "sha512" ? crypto::Digest::Sha512 : crypto::Digest::Sha256;
}

std::string make_token(const Json& parts) {
  const std::string header = parts["header"];
  const std::string payload = fill_in_times(parts["payload"]);
  const Json& how = parts["signature"];
  if (how.is_string())
    return base64url(header) + "." + base64url(payload) + "." + how.get<std::string>();
  std::string token =
      sign(how["key"].get<std::string>(), payload, header, digest_of(how["digest"]));
  token.resize(token.size() - how.value("drop", std::size_t{0}));
  return token + how.value("append", "");
}

// What changes from run to run.
std::string normal(const std::string& text) {
  const auto always = [](const char* value) { return [value](std::string_view) { return value; }; };
  std::string out =
      replace_each(text, R"(eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)", always("<JWT>"));
  out = replace_each(out, "available in [0-9]+ seconds", always("available in N seconds"));
  out = replace_each(out, R"re("(exp|iat)":[0-9]{10})re",
                     [](std::string_view name) { return '"' + std::string(name) + "\":N"; });
  return out.substr(0, 400);
}

FieldTable fields_of(const HttpResponse& response) {
  FieldTable out;
  for (const auto& [name, value] : response.fields) {
    const std::string key = to_lower(name);
    const bool is_of_message =
        key == "date" || key == "server" || key == "connection" || key == "content-length";
    if (!is_of_message) out[key].push_back(key == "retry-after" ? "N" : value);
  }
  return out;
}

FieldTable expected_fields(const Json& expected) {
  auto out = expected["fields"].get<FieldTable>();
  if (out.contains("retry-after")) out["retry-after"] = {"N"};
  return out;
}

void replay(const Json& test, const Address& address) {
  SCOPED_TRACE(test["name"].get<std::string>());
  std::vector<std::string> tokens;
  for (const Json& parts : test["tokens"]) tokens.push_back(make_token(parts));
  const auto filled = [&tokens](const std::string& text) {
    std::string out = bytes_of(text);
    for (std::size_t i = 0; i < tokens.size(); ++i)
      out = replace_all(std::move(out), "{{" + std::to_string(i) + "}}", tokens[i]);
    return out;
  };
  Fields fields;
  for (const Json& field : test["fields"]) fields.emplace_back(field[0], filled(field[1]));
  const HttpResponse response = fetch(address, test["method"].get<std::string>(),
                                      filled(test["path"]), fields, filled(test["body"]));
  const Json& expected = test["expected"];
  EXPECT_EQ(response.status, expected["status"].get<int>());
  EXPECT_EQ(normal(response.body), normal(bytes_of(expected["body"])));
  EXPECT_EQ(fields_of(response), expected_fields(expected));
}

TEST(Parity, EveryRecordedRequestIsAnsweredAsRecorded) {
  Project project;
  const ServerProcess server(project.server());
  std::ifstream file(TEST_DATA "/simplejwt/cases.json");
  const Json cases = Json::parse(file);
  ASSERT_GT(cases.size(), 280U);
  for (const Json& test : cases) {
    if (test.contains("manage"))
      project.manage(test["manage"]);
    else
      replay(test, server.address());
  }
}

}  // namespace
}  // namespace tollgate::test
