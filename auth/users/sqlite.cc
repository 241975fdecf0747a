// SPDX-License-Identifier: Apache-2.0
#include "auth/users/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "server/base/unique_fd.h"
#include "server/log/logging.h"

namespace tollgate::users {
namespace {

using namespace std::chrono_literals;

constexpr auto kBusyTimeout = 5000ms;

Errc classify(int code) {
  if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
    return Errc::Conflict;
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Errc::Unavailable;
    case SQLITE_ERROR:  // a table or column that is not there
      return Errc::Internal;
    default:
      return Errc::Io;
  }
}

Error sqlite_error(sqlite3* connection) {
  return Error{classify(sqlite3_extended_errcode(connection)), sqlite3_errmsg(connection)};
}

// SQLite itself would make the file readable by everybody (subject to umask);
// its log takes over the mode. Only a file that we made is opened here, and
// nobody else has locks on it: closing a descriptor drops a process's locks.
Status make_private(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.valid())
    log::info("{} did not exist: a new, empty database was made", path);
  else if (errno != EEXIST)
    return fail(from_errno("open", errno));
  return {};
}

// The journal mode that the database then has.
Result<std::string> ask_for_write_ahead_log(const Connection& connection) {
  TOLLGATE_TRY(statement, connection.prepare("PRAGMA journal_mode = WAL"));
  Query query = statement.query();
  TOLLGATE_TRY(row, query.step());
  return row ? query.text(0) : "";
}

// The switch wants the file for itself and does not always wait for it (tried:
// eight openers of a new file, one failure in a hundred), so we ask again.
Status use_write_ahead_log(const Connection& connection) {
  const auto give_up = std::chrono::steady_clock::now() + kBusyTimeout;
  for (;;) {
    auto mode = ask_for_write_ahead_log(connection);
    if (mode && *mode == "wal") return {};
    if (mode) return fail(Errc::Io, "no write-ahead log here; the journal mode stays " + *mode);
    if (mode.error().code != Errc::Unavailable || std::chrono::steady_clock::now() > give_up)
      return fail(std::move(mode).error());
    std::this_thread::sleep_for(10ms);
  }
}

}  // namespace

Query::~Query() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Query& Query::bind(int parameter, std::string_view text) {
  // Failures (no memory, no such parameter) come back from step() as a missing value.
  sqlite3_bind_text64(statement_, parameter, text.data() ? text.data() : "", text.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Query& Query::bind(int parameter, int64_t number) {
  sqlite3_bind_int64(statement_, parameter, number);
  return *this;
}

Result<bool> Query::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail(sqlite_error(sqlite3_db_handle(statement_)));
}

std::string Query::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Connection::Close::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }

Result<Connection> Connection::open(const std::string& path) {
  const std::string context = "database " + path;
  if (auto made = make_private(path); !made)
    return fail(with_context(context, std::move(made).error()));

  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Connection connection;
  connection.connection_.reset(raw);
  if (raw == nullptr) return fail(Errc::Io, context + ": no memory");
  if (code != SQLITE_OK) return fail(with_context(context, sqlite_error(raw)));

  sqlite3_extended_result_codes(raw, 1);
  connection.set(WhenBusy::Wait);
  // What stands in the file is data: its schema may not call functions with effects.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (auto logged = use_write_ahead_log(connection); !logged)
    return fail(with_context(context, std::move(logged).error()));
  return connection;
}

void Connection::set(WhenBusy when_busy) {
  const auto timeout = when_busy == WhenBusy::Wait ? kBusyTimeout : 0ms;
  sqlite3_busy_timeout(connection_.get(), static_cast<int>(timeout.count()));
}

Result<Statement> Connection::prepare(std::string_view sql) const {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return fail(sqlite_error(connection_.get()));
  Statement statement;
  statement.statement_.reset(raw);
  return statement;
}

Status Connection::execute(std::string_view sql) const {
  TOLLGATE_TRY(statement, prepare(sql));
  TOLLGATE_TRY(row, statement.query().step());
  static_cast<void>(row);
  return {};
}

int64_t Connection::last_insert_id() const { return sqlite3_last_insert_rowid(connection_.get()); }
int Connection::changes() const { return sqlite3_changes(connection_.get()); }
uint64_t Connection::total_changes() const {
  return static_cast<uint64_t>(sqlite3_total_changes64(connection_.get()));
}

}  // namespace tollgate::users
