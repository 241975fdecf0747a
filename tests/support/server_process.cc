// SPDX-License-Identifier: Apache-2.0
#include "tests/support/server_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

#include "auth/crypto/password_hash.h"
#include "auth/users/sqlite_user_store.h"
#include "server/base/text.h"
#include "tests/support/token.h"

namespace tollgate::test {
namespace {

// The product's own: cheap, since nobody attacks these passwords.
void add_users(const std::string& path) {
  const crypto::PasswordHasher hasher(/*iterations=*/1000);
  const auto store = users::SqliteUserStore::open(path);
  ASSERT_TRUE(store) << store.error().message;
  for (const std::string name : {"alice", "bob", "root"}) {
    const auto hash = hasher.encode(password_of(name));
    ASSERT_TRUE(hash);
    ASSERT_TRUE(
        (*store)->add({.username = name, .password_hash = *hash, .is_staff = name == "root"}));
  }
}

bool has_flag(const std::vector<std::string>& arguments, std::string_view flag) {
  return std::ranges::find(arguments, flag) != arguments.end();
}

// "... is ready: listening on http://127.0.0.1:4711, unix:/x; 4 workers"
std::vector<Address> addresses_of(std::string_view line) {
  constexpr std::string_view kBefore = "listening on ";
  const auto begin = line.find(kBefore);
  if (begin == std::string_view::npos) return {};
  line.remove_prefix(begin + kBefore.size());
  std::vector<Address> out;
  for (std::string_view each : split(line.substr(0, line.find(';')), ',')) {
    each = trim(each);
    constexpr std::string_view kScheme = "http://";
    if (each.starts_with(kScheme)) each.remove_prefix(kScheme.size());
    if (auto address = parse_address(each)) out.push_back(*std::move(address));
  }
  return out;
}

// The pid in "... worker 3 (pid 4711, generation 2) is ready"; 0: the line is not about a worker.
pid_t worker_of(std::string_view line) {
  constexpr std::string_view kPid = " (pid ";
  const auto worker = line.find("] worker ");
  const auto pid = line.find(kPid, worker == std::string_view::npos ? line.size() : worker);
  if (pid == std::string_view::npos) return 0;
  const std::string_view rest = line.substr(pid + kPid.size());
  return static_cast<pid_t>(parse_uint(rest.substr(0, rest.find(','))).value_or(0));
}

// What only a bug of ours writes.
constexpr std::string_view kNever[] = {
    "handles are left in the loop", "runtime error:", "Sanitizer", "Assertion", "terminate called"};

}  // namespace

std::string binary() {
  const char* const other = std::getenv("TOLLGATE_TEST_BINARY");
  return other != nullptr ? other : TOLLGATE_BINARY;
}

std::string demo_application() {
  const std::string path = binary();
  return path.substr(0, path.rfind('/')) + "/libtollgate_demo.so";
}

std::string password_of(std::string_view name) { return "PASSWORD of " + std::string(name); }

Site::Site() : key_("the signing key of the tests, which has as many bytes as HS256 wants") {
  const std::string path = directory_ / "signing.key";
  write_file(path, key_ + "\n");
  chmod(path.c_str(), 0600);
  add_users(directory_ / "users.db");
}

Command Site::command(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), binary());
  return {.arguments = std::move(arguments), .directory = directory_.path()};
}

Command Site::server(std::vector<std::string> arguments) const {
  const auto add = [&](std::string_view flag, std::string value) {
    if (has_flag(arguments, flag)) return;
    arguments.emplace_back(flag);
    arguments.push_back(std::move(value));
  };
  add("--bind", "127.0.0.1:0");
  add("--signing-key-file", directory_ / "signing.key");
  add("--database", database());
  return command(std::move(arguments));
}

std::string Site::token(int64_t user) const { return sign(key_, access_token_payload(user)); }

ServerProcess::ServerProcess(const Command& command) : process_(command) {
  const auto ready = log().wait_for("is ready: listening on ");
  if (ready) addresses_ = addresses_of(ready->text);
  if (!addresses_.empty()) return;
  ADD_FAILURE() << "the server was never ready:\n" << log().text() << out().text();
  addresses_.emplace_back();  // nobody is there, and the test finds that
}

ServerProcess::~ServerProcess() {
  if (!ended_) stop();
}

std::vector<pid_t> ServerProcess::workers() const {
  std::vector<pid_t> alive;
  for (const std::string& line : log().lines()) {
    const pid_t pid = worker_of(line);
    if (pid == 0) continue;
    if (line.ends_with(") is ready"))
      alive.push_back(pid);
    else if (line.find(") ended ") != std::string::npos ||
             line.find(") was killed ") != std::string::npos)
      std::erase(alive, pid);
  }
  return alive;
}

bool ServerProcess::wait_for_workers(std::size_t count, const std::vector<pid_t>& gone) const {
  for (const Deadline deadline(kPatience); !deadline.passed();) {
    const std::size_t mark = log().mark();
    const std::vector<pid_t> now = workers();
    if (now.size() == count && std::ranges::find_first_of(now, gone) == now.end()) return true;
    log().wait_for("] worker ", mark, milliseconds(deadline.poll_timeout()));
  }
  return false;
}

void ServerProcess::stop() {
  signal(SIGTERM);
  expect_end({.code = 0});
}

void ServerProcess::expect_end(ExitStatus expected, milliseconds patience) {
  ended_ = true;
  const auto status = process_.wait(patience);
  EXPECT_TRUE(status) << "the server did not end:\n" << log().text();
  if (!status) return;
  EXPECT_EQ(status->code, expected.code) << log().text();
  EXPECT_EQ(status->signal, expected.signal) << log().text();
  // The workers have its standard error, too.
  EXPECT_TRUE(log().wait_for_end(patience)) << "a worker outlives the server:\n" << log().text();
  const std::string text = log().text() + out().text();
  for (const std::string_view never : kNever)
    EXPECT_EQ(text.find(never), std::string::npos) << never << " is in the log:\n" << text;
}

}  // namespace tollgate::test
