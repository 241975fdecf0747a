// A master that stood still for longer than `timeout` blames nobody for it.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

// Time itself is the subject: more of it than `timeout` and the kill behind it.
void let_time_pass(const ServerProcess& server) {
  server.log().wait_for("a line that never comes", 0, 3500ms);
}

class Overslept : public testing::TestWithParam<bool> {};

TEST_P(Overslept, KillsNobody) {
  const bool all_of_them = GetParam();
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "2", "--timeout", "1s"});
  const std::vector<pid_t> workers = server.workers();
  const pid_t whom = all_of_them ? -server.pid() : server.pid();
  ASSERT_EQ(kill(whom, SIGSTOP), 0);
  let_time_pass(server);
  ASSERT_EQ(kill(whom, SIGCONT), 0);
  ASSERT_TRUE(server.log().wait_for("the master overslept by ")) << server.log().text();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(get(server.address(), "/plain").status, 200);
  // A second later the judgement would have been spoken.
  server.log().wait_for("is aborted", 0, 1500ms);
  EXPECT_EQ(server.workers(), workers) << server.log().text();
  for (const char* never : {"is aborted", "was killed"})
    EXPECT_EQ(server.log().text().find(never), std::string::npos) << server.log().text();
  server.stop();
}

INSTANTIATE_TEST_SUITE_P(Master, Overslept, testing::Values(false, true), [](const auto& param) {
  return param.param ? "WithItsWorkers" : "Alone";
});

}  // namespace
}  // namespace tollgate::test
