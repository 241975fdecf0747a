// What `tollgate users` does to the user table, a running server obeys with the next request.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <csignal>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

Finished users(const Site& site, std::vector<std::string> arguments, std::string input = {}) {
  arguments.insert(arguments.begin(), "users");
  arguments.insert(arguments.end(), {"--database", site.database()});
  Command command = site.command(std::move(arguments));
  command.input = std::move(input);
  return run(command);
}

int log_in(const ServerProcess& server, const std::string& name, const std::string& password) {
  return post_json(server.address(), "/api/token/",
                   R"({"username":")" + name + R"(","password":")" + password + "\"}")
      .status;
}

TEST(UsersCommand, AddedUserLogsIn) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1"});
  EXPECT_EQ(log_in(server, "carol", "opensesame"), 401);
  const Finished added = users(site, {"add", "carol", "--password-stdin"}, "opensesame\n");
  EXPECT_EQ(added.status.code, 0) << added.err;
  EXPECT_EQ(added.out, "user 4 \"carol\" added\n");
  EXPECT_EQ(log_in(server, "carol", "opensesame"), 200);

  const Finished again = users(site, {"add", "carol", "--password-stdin"}, "x\n");
  EXPECT_EQ(again.status.code, 1);
  EXPECT_NE(again.err.find("carol"), std::string::npos) << again.err;
}

TEST(UsersCommand, UserMayBeAddedInactive) {
  const Site site;
  const Finished added =
      users(site, {"add", "carol", "--inactive", "--staff", "--password-stdin"}, "opensesame\n");
  EXPECT_EQ(added.status.code, 0) << added.err;
  const std::string list = users(site, {"list"}).out;
  EXPECT_NE(list.find("inactive, staff"), std::string::npos) << list;
}

TEST(UsersCommand, PasswordThatNoLoginTakesIsRefused) {
  const Site site;
  const struct {
    std::string input;
    std::string sentence;
  } rows[] = {
      {"", "standard input has no password"},
      {"\n", "the password is blank"},
      {"\r\n", "the password is blank"},
      {" \t\n", "the password is blank"},
      {" opensesame\n", "begins or ends with white space"},
      {"opensesame \n", "begins or ends with white space"},
      {"opensesame\r\r\n", "begins or ends with white space"},
      {"opensesame\x1f\n", "begins or ends with white space"},
  };
  for (const auto& row : rows) {
    const Finished added = users(site, {"add", "carol", "--password-stdin"}, row.input);
    EXPECT_EQ(added.status.code, 1) << row.input;
    EXPECT_NE(added.err.find(row.sentence), std::string::npos) << row.input << added.err;
  }
}

TEST(UsersCommand, PasswordMayHaveSpacesWithinAndAWindowsLineEnd) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1"});
  const Finished added = users(site, {"add", "carol", "--password-stdin"}, "open sesame\r\n");
  EXPECT_EQ(added.status.code, 0) << added.err;
  EXPECT_EQ(log_in(server, "carol", "open sesame"), 200);
}

bool echoes(int terminal) {
  termios state{};
  EXPECT_EQ(tcgetattr(terminal, &state), 0);
  return (state.c_lflag & ECHO) != 0;
}

std::string read_until(int terminal, std::string_view end) {
  std::string text;
  for (char c = 0; !text.ends_with(end) && read(terminal, &c, 1) == 1;) text += c;
  return text;
}

TEST(UsersCommand, CtrlCAtThePromptLeavesTheTerminalAsItWas) {
  const Site site;
  const std::string program = binary();
  const std::string database = site.database();
  int terminal = -1;
  int other_end = -1;  // open until the test has looked: the state is the terminal's
  ASSERT_EQ(openpty(&terminal, &other_end, nullptr, nullptr, nullptr), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    login_tty(other_end);
    execl(program.c_str(), program.c_str(), "users", "passwd", "alice", "--database",
          database.c_str(), nullptr);
    _exit(127);
  }
  const UniqueFd ours(terminal);
  const UniqueFd theirs(other_end);
  read_until(terminal, "Password: ");
  EXPECT_FALSE(echoes(terminal));
  ASSERT_EQ(write(terminal, "\x03", 1), 1);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) << status;
  EXPECT_TRUE(echoes(terminal));
}

TEST(UsersCommand, DeactivatedUserIsRefusedAtOnce) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "2"});
  const Fields token = bearer(site.token(1));
  // On one connection, so that the worker is one that knows the user already.
  HttpClient client(server.address());
  ASSERT_EQ(client.exchange("GET", "/api/me", token)->status, 200);
  ASSERT_EQ(client.exchange("GET", "/api/me", token)->status, 200);

  EXPECT_EQ(users(site, {"deactivate", "alice"}).out, "user \"alice\" is now inactive\n");
  const auto refused = client.exchange("GET", "/api/me", token);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 401);
  EXPECT_EQ(refused->body, R"({"detail":"User is inactive","code":"user_inactive"})");
  EXPECT_EQ(log_in(server, "alice", password_of("alice")), 401);

  EXPECT_EQ(users(site, {"activate", "alice"}).status.code, 0);
  EXPECT_EQ(client.exchange("GET", "/api/me", token)->status, 200);
}

TEST(UsersCommand, NewPasswordReplacesTheOld) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1"});
  const Finished changed = users(site, {"passwd", "bob", "--password-stdin"}, "better\n");
  EXPECT_EQ(changed.out, "password of \"bob\" changed\n") << changed.err;
  EXPECT_EQ(log_in(server, "bob", password_of("bob")), 401);
  EXPECT_EQ(log_in(server, "bob", "better"), 200);
}

TEST(UsersCommand, ListsThemAll) {
  const Site site;
  const Finished list = users(site, {"list"});
  for (const char* name : {"alice", "bob", "root"})
    EXPECT_NE(list.out.find(name), std::string::npos) << list.out;
  EXPECT_NE(list.out.find("staff"), std::string::npos) << list.out;
}

}  // namespace
}  // namespace tollgate::test
