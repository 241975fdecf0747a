// SPDX-License-Identifier: Apache-2.0
#include "server/worker/client_connections.h"

#include <gtest/gtest.h>

namespace tollgate::worker {
namespace {

using Admission = ClientConnections::Admission;

TEST(ClientOf, IsTheAddressOrTheNetworkOf64Bits) {
  struct Case {
    const char* a;
    const char* b;
    bool same;
  };
  const Case cases[] = {
      {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1", "192.0.2.2", false},
      {"::ffff:192.0.2.1", "192.0.2.1", true},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
      {"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
      {"2001:db8:1:2::1", "2001:db8:1:3::1", false},
      {"::1", "127.0.0.1", false},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(std::string(row.a) + " " + row.b);
    ASSERT_TRUE(client_of(row.a) && client_of(row.b));
    EXPECT_EQ(client_of(row.a) == client_of(row.b), row.same);
  }
  EXPECT_EQ(client_of(""), std::nullopt);
  EXPECT_EQ(client_of("alice"), std::nullopt);
}

TEST(ClientConnections, AreWelcomeThenRefusedThenDropped) {
  ClientConnections clients(2);
  for (const Admission expected : {Admission::Welcome, Admission::Welcome, Admission::Refuse,
                                   Admission::Refuse, Admission::Drop, Admission::Drop})
    EXPECT_EQ(clients.begin("192.0.2.1"), expected);
  EXPECT_EQ(clients.begin("192.0.2.2"), Admission::Welcome);  // another client
  for (int i = 0; i < 3; ++i) clients.end("192.0.2.1");       // of four
  EXPECT_EQ(clients.begin("192.0.2.1"), Admission::Welcome);
  EXPECT_EQ(clients.begin("192.0.2.1"), Admission::Refuse);
}

TEST(ClientConnections, AreNotLimitedByZeroNorOnAUnixSocket) {
  ClientConnections unlimited(0);
  ClientConnections limited(1);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(unlimited.begin("192.0.2.1"), Admission::Welcome);
    EXPECT_EQ(limited.begin(""), Admission::Welcome);
  }
  limited.end("");
}

}  // namespace
}  // namespace tollgate::worker
