// SPDX-License-Identifier: Apache-2.0
#include "server/base/ip.h"

#include <gtest/gtest.h>

namespace tollgate {
namespace {

TEST(Ip, AnAddressIsReadAndPrintedInItsOneForm) {
  const struct {
    const char* text;
    const char* printed;  // nullptr: refused
  } rows[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"2001:DB8:0:0::1", "2001:db8::1"},
      {"::", "::"},
      {"::1", "::1"},
      {"0.0.0.0", "0.0.0.0"},
      {"", nullptr},
      {" 192.0.2.1", nullptr},
      {"192.0.2.1 ", nullptr},
      {"192.0.2", nullptr},
      {"192.0.2.256", nullptr},
      {"192.0.2.01", nullptr},
      {"0x7f.0.0.1", nullptr},
      {"3221225985", nullptr},
      {"192.0.2.1:80", nullptr},
      {"[::1]", nullptr},
      {"fe80::1%eth0", nullptr},
      {"1::2::3", nullptr},
      {"unknown", nullptr},
      {"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", nullptr},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const auto address = parse_ip(row.text);
    ASSERT_EQ(address.has_value(), row.printed != nullptr);
    if (address) {
      EXPECT_EQ(to_string(*address), row.printed);
    }
  }
  EXPECT_FALSE(parse_ip(std::string_view("192.0.2.1\0x", 11)));
}

TEST(Ip, ANetworkHoldsWhatHasItsPrefixAndItsFamily) {
  const struct {
    const char* network;
    const char* address;
    bool contains;
  } rows[] = {
      {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1", "192.0.2.2", false},
      {"192.0.2.0/24", "192.0.2.255", true},
      {"192.0.2.0/24", "192.0.3.0", false},
      {"192.0.2.0/24", "::ffff:192.0.2.7", true},
      {"10.0.0.0/9", "10.127.255.255", true},
      {"10.0.0.0/9", "10.128.0.0", false},
      {"0.0.0.0/0", "203.0.113.1", true},
      {"0.0.0.0/0", "::1", false},
      {"::/0", "2001:db8::1", true},
      {"::/0", "203.0.113.1", false},
      {"2001:db8::/33", "2001:db8:7fff::1", true},
      {"2001:db8::/33", "2001:db8:8000::1", false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(std::string(row.network) + " " + row.address);
    const auto network = parse_network(row.network);
    ASSERT_TRUE(network) << network.error().message;
    EXPECT_EQ(network->contains(*parse_ip(row.address)), row.contains);
  }
}

TEST(Ip, WhatIsNoNetworkIsRefusedWithTheReason) {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/+8", "10.0.0.0/8/8",
                           "::/129", "10.0.0.0/255.0.0.0", "localhost", "*"})
    EXPECT_FALSE(parse_network(text)) << text;
  EXPECT_EQ(parse_network("10.0.0.1/8").error().message,
            "\"10.0.0.1/8\" has bits behind its prefix; the network is 10.0.0.0/8");
}

TEST(Ip, AClientIsAnAddressOrANetworkOf64Bits) {
  const std::pair<const char*, const char*> cases[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"2001:db8:0:1::1", "2001:db8:0:1::/64"},
      {"2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"},
      {"2001:db8:0:2::1", "2001:db8:0:2::/64"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"", ""},
      {"alice", "alice"},
  };
  for (const auto& [address, client] : cases) EXPECT_EQ(client_of(address), client);
}

}  // namespace
}  // namespace tollgate
