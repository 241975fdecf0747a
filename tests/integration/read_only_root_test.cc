// A hardened container: nothing can be written but the database's volume, the user is a number
// that nobody knows, and there is no environment.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

constexpr uid_t kStranger = 54321;

// $1 stays writable; the rest is the command.
constexpr const char* kReadOnly = R"(
mount --make-rprivate / && mount --bind "$1" "$1" && mount -o remount,bind,ro / || exit 77
shift
exec setpriv --reuid=54321 --regid=54321 --clear-groups --no-new-privs --inh-caps=-all "$@")";

Command confined(const std::string& writable, std::vector<std::string> command,
                 const std::string& directory) {
  command.insert(command.begin(),
                 {"/usr/bin/unshare", "--mount", "/bin/sh", "-c", kReadOnly, "sh", writable});
  return {.arguments = std::move(command), .directory = directory};
}

class ReadOnlyRoot : public testing::TestWithParam<bool> {};

TEST_P(ReadOnlyRoot, AStrangerStartsCleanServesAndStops) {
  const Site site;
  const std::string& home = site.directory().path();
  const Finished possible = run(confined(home, {"/bin/sh", "-c", "! touch /etc/tollgate"}, "/"));
  if (possible.status.code != 0)
    GTEST_SKIP() << "NOT TESTED: nothing here may make the root read-only (root with CAP_SYS_ADMIN "
                    "may): "
                 << possible.err;
  for (const char* file : {"", "/users.db", "/signing.key"})
    ASSERT_EQ(chown((home + file).c_str(), kStranger, kStranger), 0);

  Command command = site.server({"serve", "--workers", "2"});
  std::vector<std::string> line = {"/usr/bin/env", "-i"};
  if (GetParam()) line.emplace_back("HOME=/nonexistent");
  line.insert(line.end(), command.arguments.begin(), command.arguments.end());
  ServerProcess server(confined(home, line, "/"));
  EXPECT_EQ(get(server.address(), "/plain").status, 200);
  EXPECT_EQ(get(server.address(), "/api/me", bearer(site.token(1))).status, 200);
  const HttpResponse pair =
      post_json(server.address(), "/api/token/",
                R"({"username":"alice","password":")" + password_of("alice") + "\"}");
  EXPECT_EQ(pair.status, 200) << pair.body;
  server.stop();
  EXPECT_EQ(server.out().text(), "");
  for (const std::string& text : server.log().lines())
    EXPECT_NE(text.find("] [INFO] "), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(With, ReadOnlyRoot, testing::Values(false, true), [](const auto& param) {
  return param.param ? "AHomeThatIsNone" : "NoHome";
});

}  // namespace
}  // namespace tollgate::test
