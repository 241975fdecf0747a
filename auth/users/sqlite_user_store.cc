// SPDX-License-Identifier: Apache-2.0
#include "auth/users/sqlite_user_store.h"

#include <algorithm>
#include <utility>

#include "auth/users/django_datetime.h"
#include "server/base/text.h"

namespace tollgate::users {
namespace {

constexpr std::size_t kMaxUsername = 150;

// Word for word what Django 5.2 makes, so that its migrations find what they expect.
constexpr std::string_view kCreateTable = R"(CREATE TABLE IF NOT EXISTS "auth_user" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "password" varchar(128) NOT NULL,
  "last_login" datetime NULL,
  "is_superuser" bool NOT NULL,
  "username" varchar(150) NOT NULL UNIQUE,
  "last_name" varchar(150) NOT NULL,
  "email" varchar(254) NOT NULL,
  "is_staff" bool NOT NULL,
  "is_active" bool NOT NULL,
  "date_joined" datetime NOT NULL,
  "first_name" varchar(150) NOT NULL))";

constexpr std::string_view kSelect =
    "SELECT id, username, password, is_active, is_staff, is_superuser FROM auth_user ";

// date_joined is UTC text, as Django writes it.
constexpr std::string_view kInsert = R"(INSERT INTO auth_user
  (username, password, is_active, is_staff, is_superuser, last_login,
   first_name, last_name, email, date_joined)
  VALUES (?1, ?2, ?3, ?4, ?5, NULL, '', '', '', strftime('%Y-%m-%d %H:%M:%f', 'now')))";

User read_user(const Query& query) {
  return User{.id = query.integer(0),
              .username = query.text(1),
              .password_hash = query.text(2),
              .is_active = query.integer(3) != 0,
              .is_staff = query.integer(4) != 0,
              .is_superuser = query.integer(5) != 0};
}

bool is_username_character(char c) {
  const char lower = to_lower(c);
  return (lower >= 'a' && lower <= 'z') || is_digit(c) || static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view("@.+-_").find(c) != std::string_view::npos;
}

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

Status check_username(std::string_view username) {
  if (username.empty()) return fail(Errc::InvalidArgument, "a user name cannot be empty");
  if (!is_utf8(username) || !std::ranges::all_of(username, is_username_character))
    return fail(Errc::InvalidArgument, "a user name has only letters, digits and @ . + - _");
  if (count_characters(username) > kMaxUsername)
    return fail(Errc::InvalidArgument, "a user name has at most 150 characters");
  return {};
}

Result<std::unique_ptr<SqliteUserStore>> SqliteUserStore::open(const std::string& path,
                                                               WhenBusy when_busy) {
  TOLLGATE_TRY(connection, Connection::open(path));
  std::unique_ptr<SqliteUserStore> store(new SqliteUserStore(path, std::move(connection)));
  if (auto prepared = store->prepare(); !prepared)
    return fail(store->explain(std::move(prepared).error()));
  store->connection_.set(when_busy);
  return store;
}

SqliteUserStore::SqliteUserStore(std::string path, Connection connection)
    : path_(std::move(path)), connection_(std::move(connection)) {}

Status SqliteUserStore::prepare() {
  TOLLGATE_CHECK(connection_.execute(kCreateTable));
  const std::string select(kSelect);
  const std::pair<Statement*, std::string> statements[] = {
      {&by_name_, select + "WHERE username = ?1"},
      {&by_id_, select + "WHERE id = ?1"},
      {&all_, select + "ORDER BY id"},
      {&insert_, std::string(kInsert)},
      {&password_, "UPDATE auth_user SET password = ?2 WHERE id = ?1"},
      {&active_, "UPDATE auth_user SET is_active = ?2 WHERE id = ?1"},
      {&last_login_, "UPDATE auth_user SET last_login = ?2 WHERE id = ?1"},
      {&version_, "PRAGMA data_version"},
  };
  for (const auto& [statement, sql] : statements) {
    TOLLGATE_TRY(prepared, connection_.prepare(sql));
    *statement = std::move(prepared);
  }
  return {};
}

Result<std::optional<User>> SqliteUserStore::find_by_name(std::string_view username) {
  const std::lock_guard lock(mutex_);
  Query query = by_name_.query();
  return find(query.bind(1, username));
}

Result<std::optional<User>> SqliteUserStore::find_by_id(int64_t id) {
  const std::lock_guard lock(mutex_);
  Query query = by_id_.query();
  return find(query.bind(1, id));
}

Result<std::vector<User>> SqliteUserStore::list() {
  const std::lock_guard lock(mutex_);
  Query query = all_.query();
  std::vector<User> users;
  for (;;) {
    auto row = query.step();
    if (!row) return fail(explain(std::move(row).error()));
    if (!*row) return users;
    users.push_back(read_user(query));
  }
}

Result<User> SqliteUserStore::add(const NewUser& user) {
  TOLLGATE_CHECK(check_username(user.username));
  const std::lock_guard lock(mutex_);
  Query query = insert_.query();
  query.bind(1, user.username).bind(2, user.password_hash);
  query.bind(3, int64_t{user.is_active}).bind(4, int64_t{user.is_staff});
  query.bind(5, int64_t{user.is_superuser});
  auto done = query.step();
  if (!done && done.error().code == Errc::Conflict)
    return fail(Errc::Conflict, "there is a user \"" + user.username + "\" already");
  if (!done) return fail(explain(std::move(done).error()));
  return User{.id = connection_.last_insert_id(),
              .username = user.username,
              .password_hash = user.password_hash,
              .is_active = user.is_active,
              .is_staff = user.is_staff,
              .is_superuser = user.is_superuser};
}

Status SqliteUserStore::set_password(int64_t id, std::string_view password_hash) {
  const std::lock_guard lock(mutex_);
  Query query = password_.query();
  return update_one(query.bind(1, id).bind(2, password_hash), id);
}

Status SqliteUserStore::set_active(int64_t id, bool active) {
  const std::lock_guard lock(mutex_);
  Query query = active_.query();
  return update_one(query.bind(1, id).bind(2, int64_t{active}), id);
}

Status SqliteUserStore::set_last_login(int64_t id, WallTime now) {
  const std::string text = django_datetime(now);
  const std::lock_guard lock(mutex_);
  Query query = last_login_.query();
  return update_one(query.bind(1, id).bind(2, text), id);
}

// SQLite counts the commits of other connections; ours, it leaves to us.
Result<uint64_t> SqliteUserStore::version() {
  const std::lock_guard lock(mutex_);
  Query query = version_.query();
  auto row = query.step();
  if (!row) return fail(explain(std::move(row).error()));
  const auto others = static_cast<uint64_t>(query.integer(0));
  return others << 32 | (connection_.total_changes() & 0xFFFFFFFF);
}

Result<std::optional<User>> SqliteUserStore::find(Query& query) const {
  auto row = query.step();
  if (!row) return fail(explain(std::move(row).error()));
  if (!*row) return std::nullopt;
  return read_user(query);
}

Status SqliteUserStore::update_one(Query& query, int64_t id) const {
  auto done = query.step();
  if (!done) return fail(explain(std::move(done).error()));
  if (connection_.changes() == 0)
    return fail(Errc::NotFound, "there is no user with the id " + std::to_string(id));
  return {};
}

Error SqliteUserStore::explain(Error error) const {
  return with_context("database " + path_, std::move(error));
}

}  // namespace tollgate::users
