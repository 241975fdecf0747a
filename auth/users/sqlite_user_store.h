// Users in SQLite, in Django's own auth_user table: made when missing, used as it
// is in a Django project's database.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "auth/users/sqlite.h"
#include "auth/users/user_store.h"

namespace tollgate::users {

// One connection behind one mutex. To be opened after the fork, in the process
// that uses it.
class SqliteUserStore final : public UserStore {
 public:
  // Errors name the path: those of Connection::open(), and Internal when auth_user
  // lacks a column that Django's has. Opening waits for locks in any case; `when_busy`
  // is for what comes behind it.
  static Result<std::unique_ptr<SqliteUserStore>> open(const std::string& path,
                                                       WhenBusy when_busy = WhenBusy::Wait);

  Result<std::optional<User>> find_by_name(std::string_view username) override;
  Result<std::optional<User>> find_by_id(int64_t id) override;
  Result<std::vector<User>> list() override;
  Result<User> add(const NewUser& user) override;
  Status set_password(int64_t id, std::string_view password_hash) override;
  Status set_active(int64_t id, bool active) override;
  Status set_last_login(int64_t id, WallTime now) override;
  Result<uint64_t> version() override;

 private:
  SqliteUserStore(std::string path, Connection connection);
  Status prepare();
  Result<std::optional<User>> find(Query& query) const;
  Status update_one(Query& query, int64_t id) const;
  Error explain(Error error) const;

  const std::string path_;
  std::mutex mutex_;  // guards all below
  Connection connection_;
  Statement by_name_;
  Statement by_id_;
  Statement all_;
  Statement insert_;
  Statement password_;
  Statement active_;
  Statement last_login_;
  Statement version_;
};

}  // namespace tollgate::users
