// SPDX-License-Identifier: Apache-2.0
#include "auth/tokens/sqlite_blacklist.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "auth/users/sqlite_user_store.h"

namespace tollgate::tokens {
namespace {

using namespace std::chrono_literals;

constexpr int64_t kNow = 1795343500;  // 2026-11-22 10:31:40

WallTime at(int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

class SqliteBlacklistTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/tollgate_blacklist_XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    directory_ = name;
    path_ = directory_ + "/state.db";
    ASSERT_TRUE((*users::SqliteUserStore::open(path_))->add({.username = "alice"}));
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<SqliteBlacklist> open() const {
    auto blacklist = SqliteBlacklist::open(path_);
    EXPECT_TRUE(blacklist) << blacklist.error().message;
    return blacklist ? std::move(*blacklist) : nullptr;
  }

  // The rows of a query, "a|b" each.
  std::vector<std::string> rows(std::string_view sql, int columns) const {
    std::vector<std::string> out;
    const auto connection = users::Connection::open(path_);
    const auto statement = connection->prepare(sql);
    EXPECT_TRUE(statement);
    users::Query query = statement->query();
    while (query.step().value_or(false)) {
      out.push_back(query.text(0));
      for (int i = 1; i < columns; ++i) out.back() += "|" + query.text(i);
    }
    return out;
  }

  std::string directory_;
  std::string path_;
};

IssuedToken token(std::string_view jti, std::optional<int64_t> user = 1) {
  return {.jti = jti, .text = "a.b.c", .expires_at = kNow + 86400, .user_id = user};
}

TEST_F(SqliteBlacklistTest, WritesWhatDjangoReads) {
  const auto blacklist = open();
  ASSERT_TRUE(blacklist->record(token("j1"), at(kNow) + 1500us));
  ASSERT_TRUE(blacklist->record(token("j2", 99), at(kNow)));
  EXPECT_EQ(rows("SELECT id, token, created_at, expires_at, user_id, jti "
                 "FROM token_blacklist_outstandingtoken ORDER BY id",
                 6),
            (std::vector<std::string>{
                "1|a.b.c|2026-11-22 10:31:40.001500|2026-11-23 10:31:40|1|j1",
                "2|a.b.c|2026-11-22 10:31:40|2026-11-23 10:31:40||j2"}));  // of nobody: NULL
  ASSERT_TRUE(blacklist->consume(token("j1"), nullptr, at(kNow + 1)));
  EXPECT_EQ(rows("SELECT id, blacklisted_at, token_id FROM token_blacklist_blacklistedtoken", 3),
            std::vector<std::string>{"1|2026-11-22 10:31:41|1"});
}

TEST_F(SqliteBlacklistTest, ATokenIsConsumedOnceWhetherItWasRecordedOrNot) {
  const auto blacklist = open();
  ASSERT_TRUE(blacklist->record(token("known"), at(kNow)));
  for (const std::string jti : {"known", "self-made"}) {
    const std::string next = "after " + jti;
    const IssuedToken successor = token(next);
    EXPECT_FALSE(*blacklist->contains(jti));
    EXPECT_EQ(*blacklist->consume(token(jti), &successor, at(kNow)), Consumed::First);
    EXPECT_TRUE(*blacklist->contains(jti));
    EXPECT_FALSE(*blacklist->contains(next));
    const IssuedToken never = token("never");
    EXPECT_EQ(*blacklist->consume(token(jti), &never, at(kNow)), Consumed::Already);
  }
  EXPECT_EQ(rows("SELECT jti FROM token_blacklist_outstandingtoken ORDER BY jti", 1),
            (std::vector<std::string>{"after known", "after self-made", "known", "self-made"}));
}

TEST_F(SqliteBlacklistTest, OfConnectionsThatConsumeAtOnceOneIsFirst) {
  std::atomic<int> first = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      const auto blacklist = open();
      for (int round = 0; round < 20; ++round) {
        const std::string jti = "j" + std::to_string(round);
        const auto consumed = blacklist->consume(token(jti), nullptr, at(kNow));
        ASSERT_TRUE(consumed) << consumed.error().message;
        if (*consumed == Consumed::First) ++first;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(first, 20);
}

TEST_F(SqliteBlacklistTest, WhatExpiredIsDeletedOnceAnHourButNotWhatALeewayMayStillTake) {
  const auto blacklist = open();
  ASSERT_TRUE(blacklist->consume(token("old"), nullptr, at(kNow)));
  const auto left = [this] {
    return rows("SELECT jti FROM token_blacklist_outstandingtoken ORDER BY jti", 1);
  };
  const int64_t expired = kNow + 86400;
  ASSERT_TRUE(blacklist->record(token("a"), at(expired + 3500)));
  EXPECT_EQ(left(), (std::vector<std::string>{"a", "old"}));
  EXPECT_TRUE(*blacklist->contains("old"));
  IssuedToken later = token("b");
  later.expires_at = expired + 100'000;
  ASSERT_TRUE(blacklist->record(later, at(expired + 3700)));  // less than an hour later
  EXPECT_EQ(left(), (std::vector<std::string>{"a", "b", "old"}));
  later.jti = "c";
  ASSERT_TRUE(blacklist->record(later, at(expired + 7200)));
  EXPECT_EQ(left(), (std::vector<std::string>{"b", "c"}));
  EXPECT_TRUE(rows("SELECT id FROM token_blacklist_blacklistedtoken", 1).empty());
}

TEST_F(SqliteBlacklistTest, TablesOfAnotherShapeAreAnErrorThatNamesThePath) {
  const auto connection = users::Connection::open(path_);
  ASSERT_TRUE(connection->execute("CREATE TABLE token_blacklist_outstandingtoken (user_id, x)"));
  const auto blacklist = SqliteBlacklist::open(path_);
  ASSERT_FALSE(blacklist);
  EXPECT_NE(blacklist.error().message.find(path_), std::string::npos);
}

}  // namespace
}  // namespace tollgate::tokens
