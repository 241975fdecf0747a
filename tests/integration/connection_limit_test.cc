// A worker holds worker_connections open at most; the next waits until one ends.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <optional>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

TEST(ConnectionLimit, MakesTheNextConnectionWait) {
  const Site site;
  const ServerProcess server(
      site, {"serve", "--workers", "1", "--worker-connections", "2", "--keep-alive", "1h"});
  std::optional<HttpClient> first(server.address());
  HttpClient second(server.address());
  ASSERT_EQ(first->exchange("GET", "/plain")->status, 200);
  ASSERT_EQ(second.exchange("GET", "/plain")->status, 200);

  HttpClient third(server.address(), 300ms);
  ASSERT_TRUE(third.connected());  // by the kernel
  EXPECT_EQ(third.exchange("GET", "/plain").error(), Broken::Late);
  EXPECT_EQ(second.exchange("GET", "/plain")->status, 200);
  first.reset();
  HttpClient fourth(server.address(), 300ms);
  const Deadline deadline(kPatience);
  auto response = third.receive();
  while (!response && response.error() == Broken::Late && !deadline.passed())
    response = third.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(fourth.exchange("GET", "/plain").error(), Broken::Late);
}

}  // namespace
}  // namespace tollgate::test
