// SPDX-License-Identifier: Apache-2.0
#include "server/worker/client_connections.h"

#include <gtest/gtest.h>

namespace tollgate::worker {
namespace {

using Admission = ClientConnections::Admission;

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
