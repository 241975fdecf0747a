// The server listens where it is told to, and says where that is.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

TEST(Listening, OnAUnixSocketThatIsRemovedInTheEnd) {
  const Site site;
  const std::string path = site.directory() / "socket";
  {
    const ServerProcess server(site, {"serve", "--workers", "2", "--bind", "unix:" + path});
    ASSERT_EQ(server.addresses().size(), 1U);
    EXPECT_EQ(server.address().path, path);
    EXPECT_EQ(get(server.address(), "/plain").body, "Hello, World!");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Listening, OnAUnixSocketThatADeadServerLeft) {
  const Site site;
  const std::string bind = "unix:" + site.directory() / "socket";
  {
    ServerProcess dead(site, {"serve", "--workers", "1", "--bind", bind});
    dead.signal(SIGKILL);
    dead.expect_end({.code = -1, .signal = SIGKILL});
  }
  const ServerProcess server(site, {"serve", "--workers", "1", "--bind", bind});
  EXPECT_EQ(get(server.address(), "/plain").status, 200);
}

TEST(Listening, OnSeveralAddressesThatAreAllNamed) {
  const Site site;
  const std::string path = site.directory() / "socket";
  const ServerProcess server(site, {"serve", "--workers", "2", "--bind", "127.0.0.1:0", "--bind",
                                    "unix:" + path, "--bind", "127.0.0.2:0"});
  ASSERT_EQ(server.addresses().size(), 3U);
  EXPECT_EQ(server.addresses()[0].host, "127.0.0.1");
  EXPECT_EQ(server.addresses()[1].path, path);
  EXPECT_EQ(server.addresses()[2].host, "127.0.0.2");
  for (const Address& address : server.addresses())
    EXPECT_EQ(get(address, "/plain").status, 200) << to_string(address);
}

TEST(Listening, OnIpv6) {
  const UniqueFd probe(socket(AF_INET6, SOCK_STREAM, 0));
  if (!probe.valid()) GTEST_SKIP() << "this machine has IPv6 switched off";
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1", "--bind", "[::1]:0"});
  EXPECT_EQ(get(server.address(), "/plain").status, 200);
}

TEST(Listening, EndsWithTheServer) {
  const Site site;
  ServerProcess server(site, {"serve", "--workers", "2"});
  server.stop();
  EXPECT_FALSE(HttpClient(server.address()).connected());
}

}  // namespace
}  // namespace tollgate::test
