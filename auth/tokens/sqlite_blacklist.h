// The blacklist in SQLite, in the tables of simplejwt's application token_blacklist: made when
// missing, used as they are in a Django project's database.
//
// What is expired is deleted now and then, as simplejwt's flushexpiredtokens does from cron.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "auth/tokens/blacklist.h"
#include "auth/users/sqlite.h"

namespace tollgate::tokens {

// One connection behind one mutex. To be opened after the fork, and once auth_user is there.
class SqliteBlacklist final : public Blacklist {
 public:
  // Errors name the path: those of Connection::open(), and Internal when the tables are
  // others than simplejwt's.
  static Result<std::unique_ptr<SqliteBlacklist>> open(const std::string& path);

  Status record(const IssuedToken& token, WallTime now) override;
  Result<bool> contains(std::string_view jti) override;
  Result<Consumed> consume(const IssuedToken& used, const IssuedToken* successor,
                           WallTime now) override;

 private:
  SqliteBlacklist(std::string path, users::Connection connection);
  Status prepare();
  template <class F>
  Status in_transaction(F work);
  Status add_outstanding(const IssuedToken& token, WallTime now);
  Status flush(WallTime now);
  Error explain(Error error) const;

  const std::string path_;
  std::mutex mutex_;  // guards all below
  users::Connection connection_;
  users::Statement outstand_;
  users::Statement blacklist_;
  users::Statement find_;
  users::Statement flush_blacklisted_;
  users::Statement flush_outstanding_;
  WallTime next_flush_{};  // the first at once
};

}  // namespace tollgate::tokens
