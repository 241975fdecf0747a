// Notes in SQLite: each belongs to a user.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/users/sqlite.h"
#include "server/base/result.h"

namespace tollgate::demo {

struct Note {
  int64_t id = 0;
  int64_t owner = 0;  // a user's id
  std::string text;
  std::string created;  // "2026-11-22T16:52:38Z"
};

// Whose notes a caller may see.
struct Scope {
  int64_t user;
  bool all;  // an admin's
};

// One connection behind one mutex: any thread, and every function may block.
// Errors of all: Unavailable (busy), Io. A note outside the scope is one that
// does not exist.
class NotesStore {
 public:
  // The table is made when missing. Throws ConfigurationError (not set) or
  // std::runtime_error, either of which ends the start of the application with its text.
  explicit NotesStore(const std::string& database_url);

  Result<std::vector<Note>> list(Scope scope);
  Result<std::optional<Note>> find(Scope scope, int64_t id);
  Result<Note> add(int64_t owner, std::string_view text);
  Result<std::optional<Note>> change(Scope scope, int64_t id, std::string_view text);
  Result<bool> remove(Scope scope, int64_t id);

 private:
  std::mutex mutex_;  // guards all below
  users::Connection connection_;
  users::Statement list_;
  users::Statement find_;
  users::Statement add_;
  users::Statement change_;
  users::Statement remove_;
};

}  // namespace tollgate::demo
