// SQLite's connection and prepared statements as owned values with Results.
//
// One thread at a time (connections are opened without SQLite's own mutex). A
// connection must not cross a fork: open it in the process that uses it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "server/base/export.h"
#include "server/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tollgate::users {

// One execution of a statement; resets it when destroyed, so that no read
// transaction stays open. `statement` must outlive it.
class TOLLGATE_API Query {
 public:
  explicit Query(sqlite3_stmt* statement) : statement_(statement) {}
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  // Parameters count from 1. `text` must live until the Query ends.
  Query& bind(int parameter, std::string_view text);
  Query& bind(int parameter, int64_t number);

  // True: there is a row. False: done. Errors: Unavailable (busy), Conflict (a
  // UNIQUE column), Io; each says what SQLite says.
  Result<bool> step();

  // Columns of the row, from 0.
  std::string text(int column) const;
  int64_t integer(int column) const;

 private:
  sqlite3_stmt* statement_;
};

class TOLLGATE_API Statement {
 public:
  Statement() = default;
  Query query() const { return Query(statement_.get()); }

 private:
  friend class Connection;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// What a statement does when another connection has the lock that it wants.
enum class WhenBusy : uint8_t {
  Wait,  // up to five seconds
  Fail,  // at once, with Unavailable: for a thread that must not wait
};

class TOLLGATE_API Connection {
 public:
  // Makes the file, for the owner's eyes only (0600), if there is none. Write-ahead
  // log, so that readers and the writer do not wait for each other; WhenBusy::Wait.
  // Says in the error log that it made the file: the path may be a mistyped one.
  // Errors: those of the system and SQLite, with the path.
  static Result<Connection> open(const std::string& path);
  void set(WhenBusy when_busy);

  // Errors: Internal ("no such column: …"): the database has another shape.
  Result<Statement> prepare(std::string_view sql) const;
  // For statements without parameters, run once.
  Status execute(std::string_view sql) const;

  int64_t last_insert_id() const;
  int changes() const;             // rows that the last statement changed
  uint64_t total_changes() const;  // rows changed through this connection

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  std::unique_ptr<sqlite3, Close> connection_;
};

}  // namespace tollgate::users
