// SPDX-License-Identifier: Apache-2.0
#include "auth/tokens/sqlite_blacklist.h"

#include <utility>

#include "auth/users/django_datetime.h"

namespace tollgate::tokens {
namespace {

using namespace std::chrono_literals;
using users::django_datetime;
using users::Query;

// A worker looks for expired tokens so often, and deletes so many at once: a login does
// not wait for a table of a million rows.
constexpr auto kFlushInterval = 1h;
constexpr int64_t kFlushAtOnce = 1000;
// The largest `leeway`: until then a token may be used, and must not be used twice.
constexpr auto kFlushMargin = 1h;

// Word for word what simplejwt's migrations make with Django 5.2.
constexpr std::string_view kTables[] = {
    R"(CREATE TABLE IF NOT EXISTS "token_blacklist_outstandingtoken" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "token" text NOT NULL,
  "created_at" datetime NULL,
  "expires_at" datetime NOT NULL,
  "user_id" integer NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED,
  "jti" varchar(255) NOT NULL UNIQUE))",
    R"(CREATE INDEX IF NOT EXISTS "token_blacklist_outstandingtoken_user_id_83bc629a"
  ON "token_blacklist_outstandingtoken" ("user_id"))",
    R"(CREATE TABLE IF NOT EXISTS "token_blacklist_blacklistedtoken" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "blacklisted_at" datetime NOT NULL,
  "token_id" bigint NOT NULL UNIQUE
    REFERENCES "token_blacklist_outstandingtoken" ("id") DEFERRABLE INITIALLY DEFERRED))",
};

// A user who is gone leaves NULL, as Django's SET_NULL does.
constexpr std::string_view kOutstand = R"(INSERT INTO token_blacklist_outstandingtoken
  (jti, token, created_at, expires_at, user_id)
  VALUES (?1, ?2, ?3, ?4, (SELECT id FROM auth_user WHERE id = ?5)) ON CONFLICT DO NOTHING)";

// The UNIQUE token_id is the lock.
constexpr std::string_view kBlacklist = R"(INSERT INTO token_blacklist_blacklistedtoken
  (blacklisted_at, token_id)
  SELECT ?2, id FROM token_blacklist_outstandingtoken WHERE jti = ?1 ON CONFLICT DO NOTHING)";

constexpr std::string_view kFind = R"(SELECT 1 FROM token_blacklist_blacklistedtoken b
  JOIN token_blacklist_outstandingtoken o ON o.id = b.token_id WHERE o.jti = ?1)";

constexpr std::string_view kFlushBlacklisted = R"(DELETE FROM token_blacklist_blacklistedtoken
  WHERE token_id IN (SELECT id FROM token_blacklist_outstandingtoken
                     WHERE expires_at <= ?1 ORDER BY id LIMIT ?2))";
constexpr std::string_view kFlushOutstanding = R"(DELETE FROM token_blacklist_outstandingtoken
  WHERE id IN (SELECT id FROM token_blacklist_outstandingtoken
               WHERE expires_at <= ?1 ORDER BY id LIMIT ?2))";

Status run(Query& query) {
  TOLLGATE_TRY(row, query.step());
  static_cast<void>(row);
  return {};
}

}  // namespace

Result<std::unique_ptr<SqliteBlacklist>> SqliteBlacklist::open(const std::string& path) {
  TOLLGATE_TRY(connection, users::Connection::open(path));
  std::unique_ptr<SqliteBlacklist> blacklist(new SqliteBlacklist(path, std::move(connection)));
  if (auto prepared = blacklist->prepare(); !prepared)
    return fail(blacklist->explain(std::move(prepared).error()));
  return blacklist;
}

SqliteBlacklist::SqliteBlacklist(std::string path, users::Connection connection)
    : path_(std::move(path)), connection_(std::move(connection)) {}

Status SqliteBlacklist::prepare() {
  for (const std::string_view sql : kTables) TOLLGATE_CHECK(connection_.execute(sql));
  const std::pair<users::Statement*, std::string_view> statements[] = {
      {&outstand_, kOutstand},
      {&blacklist_, kBlacklist},
      {&find_, kFind},
      {&flush_blacklisted_, kFlushBlacklisted},
      {&flush_outstanding_, kFlushOutstanding},
  };
  for (const auto& [statement, sql] : statements) {
    TOLLGATE_TRY(prepared, connection_.prepare(sql));
    *statement = std::move(prepared);
  }
  return {};
}

// IMMEDIATE takes the lock for writing at once: a transaction that reads first, and finds out
// later that another has written, cannot wait, but fails.
template <class F>
Status SqliteBlacklist::in_transaction(F work) {
  const std::lock_guard lock(mutex_);
  Status done = connection_.execute("BEGIN IMMEDIATE");
  if (!done) return fail(explain(std::move(done).error()));
  done = work();
  if (done) done = connection_.execute("COMMIT");
  if (done) return {};
  // What failed may have ended the transaction itself; then this fails, and that is no harm.
  static_cast<void>(connection_.execute("ROLLBACK"));
  return fail(explain(std::move(done).error()));
}

Status SqliteBlacklist::record(const IssuedToken& token, WallTime now) {
  return in_transaction([&]() -> Status {
    TOLLGATE_CHECK(add_outstanding(token, now));
    return flush(now);
  });
}

Result<bool> SqliteBlacklist::contains(std::string_view jti) {
  const std::lock_guard lock(mutex_);
  Query query = find_.query();
  auto row = query.bind(1, jti).step();
  if (!row) return fail(explain(std::move(row).error()));
  return *row;
}

Result<Consumed> SqliteBlacklist::consume(const IssuedToken& used, const IssuedToken* successor,
                                          WallTime now) {
  Consumed outcome = Consumed::Already;
  const Status done = in_transaction([&]() -> Status {
    TOLLGATE_CHECK(add_outstanding(used, now));
    const std::string at = django_datetime(now);
    Query query = blacklist_.query();
    TOLLGATE_CHECK(run(query.bind(1, used.jti).bind(2, at)));
    if (connection_.changes() != 1) return {};
    outcome = Consumed::First;
    if (successor != nullptr) TOLLGATE_CHECK(add_outstanding(*successor, now));
    return flush(now);
  });
  if (!done) return fail(done.error());
  return outcome;
}

Status SqliteBlacklist::add_outstanding(const IssuedToken& token, WallTime now) {
  const std::string created = django_datetime(now);
  const std::string expires = django_datetime(token.expires_at);
  Query query = outstand_.query();
  query.bind(1, token.jti).bind(2, token.text).bind(3, created).bind(4, expires);
  if (token.user_id) query.bind(5, *token.user_id);
  return run(query);
}

Status SqliteBlacklist::flush(WallTime now) {
  if (now < next_flush_) return {};
  const std::string until = django_datetime(now - kFlushMargin);
  Query blacklisted = flush_blacklisted_.query();
  TOLLGATE_CHECK(run(blacklisted.bind(1, until).bind(2, kFlushAtOnce)));
  Query outstanding = flush_outstanding_.query();
  TOLLGATE_CHECK(run(outstanding.bind(1, until).bind(2, kFlushAtOnce)));
  if (connection_.changes() < kFlushAtOnce) next_flush_ = now + kFlushInterval;
  return {};
}

Error SqliteBlacklist::explain(Error error) const {
  return with_context("database " + path_, std::move(error));
}

}  // namespace tollgate::tokens
