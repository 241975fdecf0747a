// SPDX-License-Identifier: Apache-2.0
#include "server/base/address.h"

#include <gtest/gtest.h>

namespace tollgate {
namespace {

TEST(Address, EveryKindReadsBackAsItWasWritten) {
  for (const char* text : {"127.0.0.1:8000", "0.0.0.0:0", "[::1]:8000", "unix:/run/x.sock",
                           "unix:@abstract", "fd://3", "fd://web.socket"})
    EXPECT_EQ(to_string(*parse_address(text)), text);
}

TEST(Address, TheUsualShortFormsAreTaken) {
  EXPECT_EQ(to_string(*parse_address(":8000")), "0.0.0.0:8000");
  EXPECT_EQ(to_string(*parse_address("*:8000")), "0.0.0.0:8000");
  EXPECT_EQ(to_string(*parse_address("localhost:8000")), "127.0.0.1:8000");
  EXPECT_EQ(to_string(*parse_address("unix:///run/x.sock")), "unix:/run/x.sock");
}

TEST(Address, WhatCannotBeBoundIsRefusedWithTheForms) {
  for (const char* bad :
       {"", "8000", "127.0.0.1", "127.0.0.1:65536", "127.0.0.1:http", "::1:8000", "[::1]", "[1]:80",
        "example.org:80", "unix:", "fd://", "fd://a:b", "fd://a b", "fd://99999999999"}) {
    const auto address = parse_address(bad);
    ASSERT_FALSE(address) << bad;
    EXPECT_NE(address.error().message.find("HOST:PORT"), std::string::npos);
  }
  EXPECT_FALSE(parse_address("unix:/" + std::string(107, 'x')));
}

}  // namespace
}  // namespace tollgate
