// A worker holds worker_connections open at most. The next one takes the place of the one that has
// waited longest for its client; while each is being worked for, it waits.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

TEST(ConnectionLimit, MakesTheNextConnectionWait) {
  const Site site;
  const ServerProcess server(
      site, {"serve", "--workers", "1", "--worker-connections", "2", "--keep-alive", "1h"});
  HttpClient first(server.address());
  HttpClient second(server.address());
  first.send(request("GET", "/block/1500"));
  second.send(request("GET", "/block/30000"));
  HttpClient third(server.address(), 300ms);
  ASSERT_TRUE(third.connected());  // by the kernel
  EXPECT_EQ(third.exchange("GET", "/plain").error(), Broken::Late);
  EXPECT_EQ(first.receive()->status, 200);
  // The first one is idle now, and makes room.
  const Deadline deadline(kPatience);
  auto response = third.receive();
  while (!response && response.error() == Broken::Late && !deadline.passed())
    response = third.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_TRUE(first.is_closed()) << server.log().text();
}

TEST(ConnectionLimit, IsNoneForAGoodClientBesideSilentOnes) {
  const Site site;
  const ServerProcess server(
      site, {"serve", "--workers", "1", "--worker-connections", "8", "--keep-alive", "1h"});
  std::vector<std::unique_ptr<HttpClient>> silent;
  for (int i = 0; i < 8; ++i) {
    silent.push_back(std::make_unique<HttpClient>(server.address()));
    silent.back()->send("GET /slow HTTP/1.1\r\nX-Slow: ");
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(get(server.address(), "/plain").status, 200) << i;
}

}  // namespace
}  // namespace tollgate::test
