// The demo's notes: each user sees only their own, an admin sees all.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

using Json = nlohmann::ordered_json;

class Notes : public testing::Test {
 protected:
  HttpResponse ask(const std::string& method, const std::string& target, int64_t user,
                   const std::string& body = {}) const {
    Fields fields = bearer(site_.token(user));
    fields.emplace_back("Content-Type", "application/json");
    return fetch(server_.address(), method, target, fields, body);
  }
  std::string write(int64_t user, const std::string& text) const {
    const HttpResponse made = ask("POST", "/api/notes", user, R"({"text":")" + text + "\"}");
    EXPECT_EQ(made.status, 201) << made.body;
    return made.field("location");
  }

  const Site site_;
  // Two workers, so that what one writes the other reads.
  const ServerProcess server_{site_, {"serve", "--workers", "2"}};
  static constexpr int64_t kAlice = 1;
  static constexpr int64_t kBob = 2;
  static constexpr int64_t kRoot = 3;
};

TEST_F(Notes, AreWrittenReadChangedAndRemoved) {
  EXPECT_EQ(ask("GET", "/api/notes", kAlice).body, "[]");
  const HttpResponse made =
      ask("POST", "/api/notes", kAlice, R"({"text":"naïve “quotes” 🙂"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.field("location"), "/api/notes/1");
  const Json note = Json::parse(made.body);
  EXPECT_EQ(note["owner"], kAlice);
  EXPECT_EQ(note["text"], "naïve “quotes” 🙂");
  EXPECT_EQ(ask("GET", "/api/notes/1", kAlice).body, made.body);
  EXPECT_EQ(ask("GET", "/api/notes", kAlice).body, "[" + made.body + "]");

  const HttpResponse changed = ask("PUT", "/api/notes/1", kAlice, R"({"text":"second"})");
  EXPECT_EQ(Json::parse(changed.body)["text"], "second");
  const HttpResponse removed = ask("DELETE", "/api/notes/1", kAlice);
  EXPECT_EQ(removed.status, 204);
  EXPECT_EQ(removed.find("content-length"), nullptr);
  EXPECT_EQ(ask("GET", "/api/notes/1", kAlice).status, 404);
}

TEST_F(Notes, AreTheirOwnersAlone) {
  const std::string hers = write(kAlice, "alice's");
  const std::string his = write(kBob, "bob's");
  const std::string kNone = R"({"detail":"No Note matches the given query."})";
  for (const char* method : {"GET", "PUT", "DELETE"}) {
    const HttpResponse refused = ask(method, hers, kBob, R"({"text":"x"})");
    EXPECT_EQ(refused.status, 404) << method;
    EXPECT_EQ(refused.body, kNone);
  }
  EXPECT_EQ(Json::parse(ask("GET", "/api/notes", kBob).body).size(), 1U);
  EXPECT_EQ(Json::parse(ask("GET", hers, kAlice).body)["text"], "alice's");

  EXPECT_EQ(Json::parse(ask("GET", "/api/notes", kRoot).body).size(), 2U);
  EXPECT_EQ(ask("PUT", hers, kRoot, R"({"text":"root was here"})").status, 200);
  EXPECT_EQ(Json::parse(ask("GET", hers, kAlice).body)["text"], "root was here");
  EXPECT_EQ(ask("DELETE", his, kRoot).status, 204);
  EXPECT_EQ(ask("GET", "/api/notes", kBob).body, "[]");
}

TEST_F(Notes, NeedATokenAndAText) {
  EXPECT_EQ(get(server_.address(), "/api/notes").status, 401);
  EXPECT_EQ(post_json(server_.address(), "/api/notes", R"({"text":"x"})").status, 401);
  for (const char* body : {"{}", R"({"text":""})", R"({"text":7})", "[]", "\"text\""}) {
    const HttpResponse refused = ask("POST", "/api/notes", kAlice, body);
    EXPECT_EQ(refused.status, 400) << body;
    EXPECT_EQ(refused.body, R"({"detail":"Give the note as {\"text\": \"…\"}."})");
  }
  EXPECT_EQ(ask("POST", "/api/notes", kAlice, "{").body.substr(0, 33),
            R"({"detail":"JSON parse error - par)");
  // No number, and one too large for any note.
  EXPECT_EQ(ask("GET", "/api/notes/x", kAlice).status, 404);
  EXPECT_EQ(ask("GET", "/api/notes/99999999999999999999", kAlice).status, 404);
}

}  // namespace
}  // namespace tollgate::test
