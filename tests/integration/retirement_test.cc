// Workers that are worn out, or are asked to go, are replaced first, and nobody notices.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/support/load.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

struct Case {
  const char* reason;
  std::vector<std::string> settings;
};

class Retirement : public testing::TestWithParam<Case> {};

TEST_P(Retirement, ReplacesFirstAndLosesNothing) {
  const Site site;
  std::vector<std::string> arguments = {"serve", "--workers", "2"};
  arguments.insert(arguments.end(), GetParam().settings.begin(), GetParam().settings.end());
  ServerProcess server(site, arguments);
  const auto first = server.workers();
  Load load(server.address(), {.clients = 8});
  ASSERT_TRUE(load.wait_for_answers(100)) << server.log().text();
  if (GetParam().settings.empty()) {
    for (const pid_t worker : first) ASSERT_EQ(kill(worker, SIGTERM), 0);
  }
  const std::string reason = std::string(" (") + GetParam().reason + ")";
  for (const pid_t worker : first)
    ASSERT_TRUE(server.log().wait_for("(pid " + std::to_string(worker) +
                                      ", generation 1) ended with code 0" + reason))
        << server.log().text();
  expect_no_loss(load.stop());

  // In the log: a third is ready before any drains, and never do two drain at once.
  int ready = 0;
  int draining = 0;
  for (const std::string& line : server.log().lines()) {
    if (line.find(") is ready") != std::string::npos) ++ready;
    if (line.find(" drains" + reason) != std::string::npos) {
      EXPECT_EQ(++draining, 1) << line;
      EXPECT_GT(ready, 2) << line;
    }
    if (line.find("ended with code 0" + reason) != std::string::npos) --draining, --ready;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Reasons, Retirement,
    testing::Values(Case{"max_requests", {"--max-requests", "50"}},
                    Case{"max_worker_lifetime", {"--max-worker-lifetime", "1s"}},
                    Case{"max_worker_memory", {"--max-worker-memory", "1MiB"}}, Case{"manual", {}}),
    [](const auto& test) { return std::string(test.param.reason); });

}  // namespace
}  // namespace tollgate::test
