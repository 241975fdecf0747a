// A token service with users and a blacklist in memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auth/tokens/token_service.h"
#include "tests/auth/jwt/forge.h"

namespace tollgate::tokens {

using namespace jwt::test;
using Reason = Rejection::Reason;

// Users in memory; fails when told to.
class FakeStore final : public users::UserStore {
 public:
  std::map<int64_t, users::User> users;
  bool broken = false;

  Result<std::optional<users::User>> find_by_name(std::string_view username) override {
    if (broken) return fail(Errc::Unavailable, "database is locked");
    for (const auto& [id, user] : users)
      if (user.username == username) return user;
    return std::nullopt;
  }
  Result<std::optional<users::User>> find_by_id(int64_t id) override {
    if (broken) return fail(Errc::Unavailable, "database is locked");
    const auto found = users.find(id);
    if (found == users.end()) return std::nullopt;
    return found->second;
  }
  Result<std::vector<users::User>> list() override { return std::vector<users::User>{}; }
  Result<users::User> add(const users::NewUser&) override { return fail(Errc::Internal, ""); }
  Status set_password(int64_t, std::string_view) override { return {}; }
  Status set_active(int64_t, bool) override { return {}; }
  Status set_last_login(int64_t, WallTime) override { return {}; }
  Result<uint64_t> version() override { return uint64_t{0}; }
};

// One process's memory in place of the database.
class FakeBlacklist final : public Blacklist {
 public:
  std::map<std::string, bool, std::less<>> tokens;  // by jti: whether it is used up

  Status record(const IssuedToken& token, WallTime) override {
    tokens.emplace(token.jti, false);
    return {};
  }
  Result<bool> contains(std::string_view jti) override {
    const auto found = tokens.find(jti);
    return found != tokens.end() && found->second;
  }
  Result<Consumed> consume(const IssuedToken& used, const IssuedToken* successor,
                           WallTime now) override {
    if (std::exchange(tokens[std::string(used.jti)], true)) return Consumed::Already;
    if (successor != nullptr) return record(*successor, now).map([] { return Consumed::First; });
    return Consumed::First;
  }
};

class TokenServiceTest : public testing::Test {
 protected:
  static constexpr uint32_t kIterations = 20000;

  void SetUp() override {
    const crypto::PasswordHasher hasher(kIterations);
    store_.users[1] = {.id = 1,
                       .username = "alice",
                       .password_hash = *hasher.encode("wonderland-9"),
                       .is_active = true};
    store_.users[2] = {.id = 2,
                       .username = "bob",
                       .password_hash = *hasher.encode("builder-9"),
                       .is_active = false};
    service_ = make({});
  }

  std::unique_ptr<TokenService> make(const TokenSettings& settings,
                                     Blacklist* blacklist = nullptr) {
    auto service = TokenService::create(key(), settings, store_, blacklist,
                                        crypto::PasswordHasher(kIterations));
    EXPECT_TRUE(service);
    return std::move(*service);
  }

  static std::string payload(const std::string& token) {
    const auto parts = jwt::split_token(token);
    EXPECT_TRUE(parts) << token;
    std::vector<uint8_t> out(parts->payload.size());
    const auto size = crypto::base64url_decode(parts->payload, out);
    return {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size.value_or(0))};
  }

  static std::string jti(const std::string& token) {
    const std::string json = payload(token);
    const std::string_view name = R"("jti":")";
    const std::string value = json.substr(json.find(name) + name.size(), 32);
    EXPECT_EQ(value.find_first_not_of("0123456789abcdef"), std::string::npos) << json;
    return value;
  }

  static std::string without_jti(const std::string& token) {
    std::string json = payload(token);
    return json.replace(json.find(jti(token)), 32, "<jti>");
  }

  void expect_refused(const std::string& token, Reason reason, std::string_view message) {
    const auto access = service_->refresh(token, at(kNow));
    ASSERT_FALSE(access);
    EXPECT_EQ(access.error().reason, reason);
    EXPECT_EQ(access.error().error.code, Errc::Unauthenticated);
    EXPECT_EQ(access.error().error.message, message);
  }

  FakeStore store_;
  std::unique_ptr<TokenService> service_;
};

inline std::string refresh_token(const std::string& more) {
  return forge(kHeader, R"({"token_type":"refresh","exp":1795429808,"iat":1795343408,"jti":"a1")" +
                            more + "}");
}

}  // namespace tollgate::tokens
