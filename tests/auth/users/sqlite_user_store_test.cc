// SPDX-License-Identifier: Apache-2.0
#include "auth/users/sqlite_user_store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "server/log/logging.h"

namespace tollgate::users {
namespace {

class SqliteUserStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/tollgate_users_XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    directory_ = name;
    path_ = directory_ + "/state.db";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<SqliteUserStore> open() const {
    auto store = SqliteUserStore::open(path_);
    EXPECT_TRUE(store) << store.error().message;
    return store ? std::move(*store) : nullptr;
  }

  // As another program, Django for instance, would.
  void run_sql(const std::string& sql) const {
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(other, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
    sqlite3_close(other);
  }

  std::string directory_;
  std::string path_;
};

TEST_F(SqliteUserStoreTest, AUserThatWasAddedIsFoundByNameAndById) {
  const auto store = open();
  const auto alice = store->add({.username = "alice", .password_hash = "h1"});
  const auto root = store->add(
      {.username = "root", .password_hash = "h2", .is_staff = true, .is_superuser = true});
  ASSERT_TRUE(alice && root);
  EXPECT_EQ(alice->id, 1);
  EXPECT_EQ(root->id, 2);

  const auto found = store->find_by_name("root");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->id, 2);
  EXPECT_EQ((*found)->password_hash, "h2");
  EXPECT_TRUE((*found)->is_active && (*found)->is_staff && (*found)->is_superuser);
  const auto by_id = store->find_by_id(1);
  ASSERT_TRUE(by_id && *by_id);
  EXPECT_EQ((*by_id)->username, "alice");
  EXPECT_FALSE((*by_id)->is_staff || (*by_id)->is_superuser);
  EXPECT_EQ(store->list()->size(), 2u);
}

TEST_F(SqliteUserStoreTest, AUserMayBeInactiveFromTheBeginning) {
  const auto store = open();
  const auto added =
      store->add({.username = "alice", .password_hash = "h", .is_active = false, .is_staff = true});
  ASSERT_TRUE(added);
  EXPECT_FALSE(added->is_active);
  const auto found = store->find_by_id(added->id);
  ASSERT_TRUE(found && *found);
  EXPECT_FALSE((*found)->is_active || (*found)->is_superuser);
  EXPECT_TRUE((*found)->is_staff);
}

TEST_F(SqliteUserStoreTest, NamesAreDataWhateverTheyContain) {
  using namespace std::string_literals;
  const auto store = open();
  ASSERT_TRUE(store->add({.username = "alice", .password_hash = "h"}));
  for (const auto& name : {""s, "Alice"s, "alice "s, "alic%"s, "' OR '1'='1"s, "alice\0"s, "\xFF"s,
                           "x'; DROP TABLE auth_user; --"s, std::string(100000, 'a')}) {
    const auto found = store->find_by_name(name);
    ASSERT_TRUE(found) << name;
    EXPECT_FALSE(*found) << name;
  }
  EXPECT_FALSE(*store->find_by_id(-1));
  EXPECT_FALSE(*store->find_by_id(INT64_MAX));
  EXPECT_TRUE(*store->find_by_name("alice"));
}

TEST_F(SqliteUserStoreTest, ANameIsTakenOnce) {
  const auto store = open();
  ASSERT_TRUE(store->add({.username = "alice", .password_hash = "h"}));
  const auto again = store->add({.username = "alice", .password_hash = "h"});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::Conflict);
  EXPECT_NE(again.error().message.find("alice"), std::string::npos);
  EXPECT_EQ(store->list()->size(), 1u);
}

TEST(CheckUsername, FollowsDjangosRule) {
  std::string longest;
  for (int i = 0; i < 150; ++i) longest += "é";
  for (const auto& good : {std::string("alice"), std::string("a.b+c@d-e_f9"), longest})
    EXPECT_TRUE(check_username(good)) << good;
  for (const auto& bad : {std::string(), std::string("a b"), std::string("a'b"),
                          std::string("a\nb"), std::string("\xFF"), longest + "x"})
    EXPECT_FALSE(check_username(bad)) << bad;
}

TEST_F(SqliteUserStoreTest, PasswordAndActivityChangeAndStay) {
  {
    const auto store = open();
    ASSERT_TRUE(store->add({.username = "alice", .password_hash = "h"}));
    EXPECT_TRUE(store->set_password(1, "new"));
    EXPECT_TRUE(store->set_active(1, false));
    EXPECT_EQ(store->set_password(2, "new").error().code, Errc::NotFound);
    EXPECT_EQ(store->set_active(2, true).error().code, Errc::NotFound);
  }
  const auto user = open()->find_by_name("alice");
  ASSERT_TRUE(user && *user);
  EXPECT_EQ((*user)->password_hash, "new");
  EXPECT_FALSE((*user)->is_active);
}

TEST_F(SqliteUserStoreTest, TheLastLoginIsWrittenAsDjangoDoes) {
  const auto store = open();
  ASSERT_TRUE(store->add({.username = "alice", .password_hash = "h"}));
  const WallTime now{std::chrono::seconds(1795343500)};
  ASSERT_TRUE(store->set_last_login(1, now + std::chrono::microseconds(20)));
  EXPECT_EQ(store->set_last_login(2, now).error().code, Errc::NotFound);
  const auto other = Connection::open(path_);
  const auto statement = other->prepare("SELECT last_login FROM auth_user");
  Query query = statement->query();
  ASSERT_TRUE(query.step().value_or(false));
  EXPECT_EQ(query.text(0), "2026-11-22 10:31:40.000020");
}

TEST_F(SqliteUserStoreTest, TheVersionChangesWithEveryCommitAndOnlyThen) {
  const auto one = open();
  const auto two = open();
  const auto first = one->version();
  ASSERT_TRUE(first);
  EXPECT_EQ(*one->version(), *first);
  EXPECT_TRUE(one->find_by_name("x"));
  EXPECT_EQ(*one->version(), *first);

  ASSERT_TRUE(two->add({.username = "alice", .password_hash = "h"}));
  const auto after_others = one->version();
  EXPECT_NE(*after_others, *first);
  ASSERT_TRUE(one->set_active(1, false));
  const auto after_ours = one->version();
  EXPECT_NE(*after_ours, *after_others);
  run_sql("UPDATE auth_user SET is_active = 1");
  EXPECT_NE(*one->version(), *after_ours);
  EXPECT_TRUE((*one->find_by_id(1))->is_active);
}

TEST_F(SqliteUserStoreTest, AStoreThatMustNotWaitFailsWhereAnotherHasTheLock) {
  const auto store = SqliteUserStore::open(path_, WhenBusy::Fail);
  ASSERT_TRUE(store);
  const auto other = Connection::open(path_);
  ASSERT_TRUE(other && other->execute("BEGIN IMMEDIATE"));
  const auto begin = std::chrono::steady_clock::now();
  const auto added = (*store)->add({.username = "alice", .password_hash = "h"});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));  // else it is 5
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, Errc::Unavailable);
}

TEST_F(SqliteUserStoreTest, ANewDatabaseIsSaidOnce) {
  const std::string log = directory_ + "/log";
  ASSERT_TRUE(log::configure(log, LogLevel::Info));
  open();
  open();
  EXPECT_TRUE(log::configure("-", LogLevel::Info));
  std::ostringstream content;
  content << std::ifstream(log).rdbuf();
  const std::string said = path_ + " did not exist: a new, empty database was made\n";
  const auto first = content.str().find(said);
  ASSERT_NE(first, std::string::npos) << content.str();
  EXPECT_EQ(content.str().find(said, first + 1), std::string::npos) << content.str();
}

TEST_F(SqliteUserStoreTest, TheFilesAreTheOwnersAlone) {
  const auto store = open();
  ASSERT_TRUE(store->add({.username = "alice", .password_hash = "h"}));
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    struct stat info {};
    ASSERT_EQ(stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 3);  // with the write-ahead log and its index
}

TEST_F(SqliteUserStoreTest, ADjangoDatabaseIsUsedAsItIs) {
  run_sql(R"(
    CREATE TABLE "auth_user" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
      "password" varchar(128) NOT NULL, "last_login" datetime NULL, "is_superuser" bool NOT NULL,
      "username" varchar(150) NOT NULL UNIQUE, "last_name" varchar(150) NOT NULL,
      "email" varchar(254) NOT NULL, "is_staff" bool NOT NULL, "is_active" bool NOT NULL,
      "date_joined" datetime NOT NULL, "first_name" varchar(150) NOT NULL);
    INSERT INTO auth_user VALUES (7, 'hash', NULL, 1, 'ghost', '', 'g@x', 0, 0,
      '2026-11-22 10:29:58.123456', '');
    CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY);)");
  const auto store = open();
  const auto ghost = store->find_by_name("ghost");
  ASSERT_TRUE(ghost && *ghost);
  EXPECT_EQ((*ghost)->id, 7);
  EXPECT_EQ((*ghost)->password_hash, "hash");
  EXPECT_TRUE((*ghost)->is_superuser);
  EXPECT_FALSE((*ghost)->is_active || (*ghost)->is_staff);
  EXPECT_EQ(store->add({.username = "new", .password_hash = "h"})->id, 8);
}

TEST_F(SqliteUserStoreTest, ErrorsNameThePath) {
  const auto expect_error = [](const std::string& path, const char* part) {
    const auto store = SqliteUserStore::open(path);
    ASSERT_FALSE(store) << path;
    EXPECT_NE(store.error().message.find(path), std::string::npos) << store.error().message;
    EXPECT_NE(store.error().message.find(part), std::string::npos) << store.error().message;
  };
  expect_error(directory_ + "/absent/state.db", "ENOENT");
  expect_error(directory_, "unable to open");
  std::ofstream(directory_ + "/rubbish.db") << std::string(8192, 'x');
  expect_error(directory_ + "/rubbish.db", "not a database");
  run_sql("CREATE TABLE auth_user (id integer PRIMARY KEY, name text)");
  expect_error(path_, "username");
}

TEST_F(SqliteUserStoreTest, WorkersThatStartTogetherShareANewDatabase) {
  std::vector<std::thread> workers;
  workers.reserve(8);
  for (int i = 0; i < 8; ++i)
    workers.emplace_back([this, i] {
      const auto store = open();
      ASSERT_NE(store, nullptr);
      const auto user = store->add({.username = "u" + std::to_string(i), .password_hash = "h"});
      EXPECT_TRUE(user) << user.error().message;
    });
  for (auto& worker : workers) worker.join();
  EXPECT_EQ(open()->list()->size(), 8u);
}

TEST_F(SqliteUserStoreTest, OneStoreServesSeveralThreads) {
  const auto store = open();
  ASSERT_TRUE(store->add({.username = "alice", .password_hash = "h"}));
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&store] {
      for (int round = 0; round < 50; ++round) {
        const auto user = store->find_by_name("alice");
        EXPECT_TRUE(user && *user && (*user)->id == 1);
        EXPECT_TRUE(store->set_active(1, round % 2 == 0));
      }
    });
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace tollgate::users
