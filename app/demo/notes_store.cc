// SPDX-License-Identifier: Apache-2.0
#include "app/demo/notes_store.h"

#include <stdexcept>

#include "app/api/application.h"
#include "auth/users/database_url.h"

namespace tollgate::demo {
namespace {

template <class T>
T or_throw(Result<T> result) {
  if (!result) throw std::runtime_error("notes: " + result.error().message);
  return *std::move(result);
}

users::Connection open(const std::string& database_url) {
  if (database_url.empty())
    throw ConfigurationError(
        "database is not set, and the notes are in it: give --database sqlite:PATH");
  const auto url = or_throw(users::parse_database_url(database_url));
  users::Connection connection = or_throw(users::Connection::open(url.path));
  const Status made = connection.execute(
      "CREATE TABLE IF NOT EXISTS demo_note (id integer PRIMARY KEY AUTOINCREMENT, "
      "owner_id bigint NOT NULL, text text NOT NULL, created_at datetime NOT NULL)");
  if (!made) throw std::runtime_error("notes: " + made.error().message);
  return connection;
}

Note read(const users::Query& row) {
  return {
      .id = row.integer(0), .owner = row.integer(1), .text = row.text(2), .created = row.text(3)};
}

Result<std::optional<Note>> read_one(users::Query& query) {
  TOLLGATE_TRY(found, query.step());
  if (!found) return std::nullopt;
  return read(query);
}

}  // namespace

// ?1 is the caller, ?2 whether it may see all.
NotesStore::NotesStore(const std::string& database_url)
    : connection_(open(database_url)),
      list_(or_throw(connection_.prepare("SELECT id, owner_id, text, created_at FROM demo_note "
                                         "WHERE ?2 OR owner_id = ?1 ORDER BY id"))),
      find_(or_throw(connection_.prepare("SELECT id, owner_id, text, created_at FROM demo_note "
                                         "WHERE (?2 OR owner_id = ?1) AND id = ?3"))),
      add_(or_throw(connection_.prepare("INSERT INTO demo_note (owner_id, text, created_at) "
                                        "VALUES (?1, ?2, strftime('%Y-%m-%dT%H:%M:%SZ', 'now')) "
                                        "RETURNING id, owner_id, text, created_at"))),
      change_(or_throw(connection_.prepare("UPDATE demo_note SET text = ?4 "
                                           "WHERE (?2 OR owner_id = ?1) AND id = ?3 "
                                           "RETURNING id, owner_id, text, created_at"))),
      remove_(
          or_throw(connection_.prepare("DELETE FROM demo_note "
                                       "WHERE (?2 OR owner_id = ?1) AND id = ?3 RETURNING id"))) {}

Result<std::vector<Note>> NotesStore::list(Scope scope) {
  const std::lock_guard lock(mutex_);
  users::Query query = list_.query();
  query.bind(1, scope.user).bind(2, int64_t{scope.all});
  std::vector<Note> notes;
  for (;;) {
    TOLLGATE_TRY(more, query.step());
    if (!more) return notes;
    notes.push_back(read(query));
  }
}

Result<std::optional<Note>> NotesStore::find(Scope scope, int64_t id) {
  const std::lock_guard lock(mutex_);
  users::Query query = find_.query();
  query.bind(1, scope.user).bind(2, int64_t{scope.all}).bind(3, id);
  return read_one(query);
}

Result<Note> NotesStore::add(int64_t owner, std::string_view text) {
  const std::lock_guard lock(mutex_);
  users::Query query = add_.query();
  query.bind(1, owner).bind(2, text);
  TOLLGATE_TRY(note, read_one(query));
  TOLLGATE_TRY(more, query.step());  // to its end: only then is it committed
  if (!note || more) return fail(Errc::Internal, "notes: INSERT did not give its row");
  return *std::move(note);
}

Result<std::optional<Note>> NotesStore::change(Scope scope, int64_t id, std::string_view text) {
  const std::lock_guard lock(mutex_);
  users::Query query = change_.query();
  query.bind(1, scope.user).bind(2, int64_t{scope.all}).bind(3, id).bind(4, text);
  TOLLGATE_TRY(note, read_one(query));
  if (note) TOLLGATE_CHECK(query.step());
  return std::move(note);
}

Result<bool> NotesStore::remove(Scope scope, int64_t id) {
  const std::lock_guard lock(mutex_);
  users::Query query = remove_.query();
  query.bind(1, scope.user).bind(2, int64_t{scope.all}).bind(3, id);
  TOLLGATE_TRY(found, query.step());
  if (found) TOLLGATE_CHECK(query.step());
  return found;
}

}  // namespace tollgate::demo
