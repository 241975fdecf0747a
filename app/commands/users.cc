// tollgate users: the user table.
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/commands/command.h"
#include "app/commands/password_input.h"
#include "auth/crypto/password_hash.h"
#include "auth/users/database_url.h"
#include "auth/users/sqlite_user_store.h"
#include "server/base/exit_code.h"

namespace tollgate::commands {
namespace {

struct UserOptions {
  std::string name;
  bool staff = false;
  bool superuser = false;
  bool inactive = false;
  bool password_stdin = false;
};

using Store = users::SqliteUserStore;

Result<std::unique_ptr<Store>> open_store(const Config& config) {
  if (config.database.empty())
    return fail(Errc::InvalidArgument, "which database? Give --database sqlite:PATH");
  TOLLGATE_TRY(url, users::parse_database_url(config.database));
  return Store::open(url.path);
}

Result<std::string> new_password_hash(const UserOptions& options) {
  TOLLGATE_TRY(password, options.password_stdin ? read_password_line() : ask_password());
  return crypto::PasswordHasher().encode(password.reveal());
}

Result<users::User> find(Store& store, const std::string& name) {
  TOLLGATE_TRY(user, store.find_by_name(name));
  if (!user) return fail(Errc::NotFound, "there is no user \"" + name + "\"");
  return *std::move(user);
}

Status add(Store& store, const UserOptions& options) {
  TOLLGATE_CHECK(users::check_username(options.name));
  TOLLGATE_TRY(hash, new_password_hash(options));
  TOLLGATE_TRY(user, store.add({.username = options.name,
                                .password_hash = hash,
                                .is_active = !options.inactive,
                                .is_staff = options.staff || options.superuser,
                                .is_superuser = options.superuser}));
  std::printf("user %lld \"%s\" added\n", static_cast<long long>(user.id), user.username.c_str());
  return {};
}

Status passwd(Store& store, const UserOptions& options) {
  TOLLGATE_TRY(user, find(store, options.name));
  TOLLGATE_TRY(hash, new_password_hash(options));
  TOLLGATE_CHECK(store.set_password(user.id, hash));
  std::printf("password of \"%s\" changed\n", options.name.c_str());
  return {};
}

Status set_active(Store& store, const std::string& name, bool active) {
  TOLLGATE_TRY(user, find(store, name));
  TOLLGATE_CHECK(store.set_active(user.id, active));
  std::printf("user \"%s\" is now %s\n", name.c_str(), active ? "active" : "inactive");
  return {};
}

Status list(Store& store) {
  TOLLGATE_TRY(all, store.list());
  std::printf("%6s  %-30s %s\n", "id", "name", "");
  for (const users::User& user : all)
    std::printf("%6lld  %-30s %s%s%s\n", static_cast<long long>(user.id), user.username.c_str(),
                user.is_active ? "active" : "inactive", user.is_staff ? ", staff" : "",
                user.is_superuser ? ", superuser" : "");
  return {};
}

using Action = std::function<Status(Store&, const UserOptions&)>;

int run_action(const Inputs& inputs, const UserOptions& options, const Action& action) {
  const auto loaded = load_or_explain(inputs);
  if (!loaded) return kExitConfiguration;
  const auto store = open_store(loaded->config);
  const Status done = store ? action(**store, options) : fail(store.error());
  if (done) return kExitOk;
  complain(done.error().message);
  return kExitRuntime;
}

enum class Takes : uint8_t { Nothing, Name, NameAndPassword, NewUser };

struct Row {
  const char* name;
  const char* help;
  Takes takes;
  Action action;
};

}  // namespace

void add_users(Context& context) {
  CLI::App* users = context.app.add_subcommand("users", "The user table: add, passwd, list, …");
  users->require_subcommand(1);
  const Row rows[] = {
      {"add", "Add a user", Takes::NewUser, add},
      {"passwd", "Set a user's password", Takes::NameAndPassword, passwd},
      {"list", "List the users", Takes::Nothing,
       [](Store& s, const UserOptions&) { return list(s); }},
      {"deactivate", "Let a user's tokens and password be refused", Takes::Name,
       [](Store& s, const UserOptions& o) { return set_active(s, o.name, false); }},
      {"activate", "Let a deactivated user in again", Takes::Name,
       [](Store& s, const UserOptions& o) { return set_active(s, o.name, true); }},
  };
  for (const Row& row : rows) {
    CLI::App* command = users->add_subcommand(row.name, row.help);
    auto inputs = add_settings_flags(*command, {"database", "loglevel"});
    auto options = std::make_shared<UserOptions>();
    if (row.takes != Takes::Nothing)
      command->add_option("NAME", options->name, "User name")->required();
    if (row.takes >= Takes::NameAndPassword)
      command->add_flag("--password-stdin", options->password_stdin,
                        "Read the password as one line of standard input, instead of asking");
    if (row.takes == Takes::NewUser) {
      command->add_flag("--staff", options->staff, "An admin of the API (is_staff)");
      command->add_flag("--superuser", options->superuser, "Has every permission; implies --staff");
      command->add_flag("--inactive", options->inactive, "May not log in yet");
    }
    command->callback([&context, inputs, options, action = row.action] {
      context.chosen = [inputs, options, action] { return run_action(*inputs, *options, action); };
    });
  }
}

}  // namespace tollgate::commands
