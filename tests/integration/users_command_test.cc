// What `tollgate users` does to the user table, a running server obeys with the next request.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

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
