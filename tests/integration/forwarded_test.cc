// Behind a proxy: whose address the log names.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

// The log of a server, with `extra` arguments, that was asked once in the name of another.
std::string log_of(const std::vector<std::string>& extra) {
  const Site site;
  const std::string path = site.directory() / "access.log";
  std::vector<std::string> arguments = {
      "serve", "--workers", "1", "--access-logfile", path, "--access-logformat", "client %(h)s"};
  arguments.insert(arguments.end(), extra.begin(), extra.end());
  ServerProcess server(site, arguments);
  EXPECT_EQ(
      get(server.address(), "/plain", {{"X-Forwarded-For", "198.51.100.1, 203.0.113.9"}}).status,
      200);
  server.stop();
  return read_file(path);
}

TEST(Forwarded, ATrustedProxyNamesTheClient) {
  EXPECT_EQ(log_of({"--forwarded-allow-ips", "127.0.0.0/8"}), "client 203.0.113.9\n");
}

TEST(Forwarded, NobodyIsTrustedByDefault) { EXPECT_EQ(log_of({}), "client 127.0.0.1\n"); }

TEST(Forwarded, AListThatCannotBeReadIsAnErrorOfTheConfiguration) {
  const Site site;
  const Finished ended = run(site.server({"serve", "--forwarded-allow-ips", "10.0.0.1/8"}));
  EXPECT_EQ(ended.status.code, 78);
  EXPECT_NE(ended.err.find("the network is 10.0.0.0/8"), std::string::npos) << ended.err;
}

}  // namespace
}  // namespace tollgate::test
