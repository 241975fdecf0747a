// `tollgate keys` and `tollgate token`, as a user runs them.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "tests/support/process.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Keys, GenerateWritesASecretForTheOwnerAlone) {
  const Site site;
  const std::string path = site.directory() / "new.key";
  EXPECT_EQ(run(site.command({"keys", "generate", "--out", path})).status.code, 0);
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  EXPECT_EQ(content(path).size(), 87u);  // 64 bytes in base64url, and a newline
}

TEST(Keys, GenerateNeverOverwrites) {
  const Site site;
  const std::string path = site.directory() / "new.key";
  EXPECT_EQ(run(site.command({"keys", "generate", "--out", path})).status.code, 0);
  const std::string before = content(path);
  const Finished again = run(site.command({"keys", "generate", "--out", path}));
  EXPECT_EQ(again.status.code, 1);
  EXPECT_NE(again.err.find("exists already"), std::string::npos) << again.err;
  EXPECT_EQ(content(path), before);
}

TEST(Token, InspectShowsWhatItSaysWithoutAKey) {
  const Site site;
  const Finished shown = run(site.command({"token", "inspect", site.token(2)}));
  EXPECT_EQ(shown.status.code, 0) << shown.err;
  for (const char* part : {R"("alg": "HS256")", R"("user_id": )", "exp is 20", "NOT verified"})
    EXPECT_NE(shown.out.find(part), std::string::npos) << part << " in\n" << shown.out;
  EXPECT_EQ(run(site.command({"token", "inspect", "no-token"})).status.code, 1);
}

TEST(Token, VerifyEndsWithZeroOnlyForAGoodOne) {
  const Site site;
  Command command = site.command({"token", "verify", "--signing-key-file", "signing.key"});
  command.input = site.token(2) + "\n";  // not an argument, which ps shows
  const Finished good = run(command);
  EXPECT_EQ(good.status.code, 0) << good.err;
  EXPECT_TRUE(good.out.starts_with("valid: ")) << good.out;

  command.input = site.token(2) + "A\n";
  const Finished forged = run(command);
  EXPECT_EQ(forged.status.code, 1);
  EXPECT_EQ(forged.out, "not valid: Token is invalid\n");
}

}  // namespace
}  // namespace tollgate::test
