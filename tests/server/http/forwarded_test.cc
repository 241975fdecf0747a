// SPDX-License-Identifier: Apache-2.0
#include "server/http/forwarded.h"

#include <gtest/gtest.h>

#include "server/http/exchange.h"

namespace tollgate::http {
namespace {

using Fields = std::vector<FieldView>;
using Items = std::vector<std::string>;

TrustedProxies trust(const Items& items) { return *TrustedProxies::parse(items); }

FieldView xff(std::string_view value) { return {"X-Forwarded-For", value}; }
FieldView proto(std::string_view value) { return {"x-forwarded-proto", value}; }
FieldView fwd(std::string_view value) { return {"Forwarded", value}; }

const std::string kPeer = "10.0.0.1";
const Items kProxies = {"10.0.0.0/8", "2001:db8:ffff::/48"};

TEST(Forwarded, TheClientIsTheLastAddressThatIsNoTrustedProxys) {
  const struct {
    Fields fields;
    std::string client;
  } rows[] = {
      {{}, kPeer},
      {{xff("203.0.113.9")}, "203.0.113.9"},
      {{xff("198.51.100.1, 203.0.113.9")},
       "203.0.113.9"},  // what the client wrote counts for nothing
      {{xff("203.0.113.9, 10.1.1.1")}, "203.0.113.9"},
      {{xff("203.0.113.9"), xff("10.1.1.1,10.1.1.2")}, "203.0.113.9"},
      {{xff("198.51.100.1"), xff("203.0.113.9")}, "203.0.113.9"},
      {{xff("10.2.2.2, 10.1.1.1")}, "10.2.2.2"},  // all are proxies: the first of them asks
      {{xff("203.0.113.9:4711")}, "203.0.113.9"},
      {{xff("2001:DB8:0::1")}, "2001:db8::1"},
      {{xff("[2001:db8::1]")}, "2001:db8::1"},
      {{xff("[2001:db8::1]:80")}, "2001:db8::1"},
      {{xff("203.0.113.9, 2001:db8:ffff::7")}, "203.0.113.9"},
      {{xff("203.0.113.9, ::ffff:10.0.0.7")}, "203.0.113.9"},
      {{xff("\t203.0.113.9\t,  10.1.1.1 ")}, "203.0.113.9"},
      {{fwd("for=203.0.113.9")}, "203.0.113.9"},
      {{fwd("For=\"[2001:db8::1]:4711\";by=203.0.113.1")}, "2001:db8::1"},
      {{fwd("for=198.51.100.1, for=203.0.113.9;proto=http, for=10.1.1.1")}, "203.0.113.9"},
      {{fwd("for=198.51.100.1"), fwd("for=203.0.113.9")}, "203.0.113.9"},
      {{fwd("by=x;host=\"a,b;for=1\";for=203.0.113.9,for=10.1.1.1")}, "203.0.113.9"},
      {{fwd("for=\"203.0.113.\\9\"")}, "203.0.113.9"},
      {{fwd("for=\""), fwd("for=203.0.113.9")}, "203.0.113.9"},
      {{xff("203.0.113.9"), fwd("for=203.0.113.9")}, "203.0.113.9"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.fields.empty() ? "nothing" : row.fields.front().value);
    EXPECT_EQ(origin_of(trust(kProxies), kPeer, row.fields)->address, row.client);
  }
}

TEST(Forwarded, WhatIsNoAddressEndsTheWalkAtTheLastGoodOne) {
  const struct {
    Fields fields;
    std::string client;
  } rows[] = {
      {{xff("")}, kPeer},
      {{xff("unknown")}, kPeer},
      {{xff("203.0.113.9, unknown")}, kPeer},
      {{xff("203.0.113.9,")}, kPeer},
      {{xff("203.0.113.9, unknown, 10.1.1.1")}, "10.1.1.1"},
      {{xff("203.0.113.9, 10.1.1.1 10.1.1.2")}, kPeer},
      {{xff("203.0.113.9:")}, kPeer},
      {{xff("203.0.113.9:x")}, kPeer},
      {{xff("203.0.113.9:65536")}, kPeer},
      {{xff("[203.0.113.9]")}, kPeer},
      {{xff("[2001:db8::1")}, kPeer},
      {{xff("[2001:db8::1]x")}, kPeer},
      {{xff("fe80::1%eth0")}, kPeer},
      {{xff("010.1.1.1")}, kPeer},
      {{xff("evil.example")}, kPeer},
      {{fwd("")}, kPeer},
      {{fwd("for=unknown")}, kPeer},
      {{fwd("for=_hidden, for=10.1.1.1")}, "10.1.1.1"},
      {{fwd("proto=https")}, kPeer},
      {{fwd("for=203.0.113.9;for=198.51.100.1")}, kPeer},
      {{fwd("for=\"203.0.113.9")}, kPeer},
      {{fwd("for=\", for=203.0.113.9")}, kPeer},  // the client has opened a quote
      {{fwd("for=203.0.113.9, for=\""), fwd("for=10.1.1.1")}, "10.1.1.1"},
      {{fwd("for 203.0.113.9")}, kPeer},
      {{fwd("for=2001:db8::1")}, kPeer},  // not without quotes (RFC 7239 6)
      {{{"X_Forwarded_For", "203.0.113.9"}}, kPeer},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.fields.front().value);
    EXPECT_EQ(origin_of(trust(kProxies), kPeer, row.fields)->address, row.client);
  }
}

// Or a client that gets one of them past its proxy would pass for that proxy.
TEST(Forwarded, FieldsThatContradictEachOtherAreRefused) {
  const Fields rows[] = {
      {xff("203.0.113.9"), fwd("for=198.51.100.1")},
      {xff("203.0.113.9"), fwd("for=\"")},
      {xff("203.0.113.9"), fwd("x")},
      {xff("unknown"), fwd("for=203.0.113.9")},
  };
  for (const Fields& fields : rows) {
    SCOPED_TRACE(fields.back().value);
    EXPECT_FALSE(origin_of(trust(kProxies), kPeer, fields));
    EXPECT_EQ(origin_of(trust({}), kPeer, fields)->address, kPeer);
  }
}

TEST(Forwarded, ThirtyTwoHopsAreLookedAtAndNoMore) {
  std::string chain = "203.0.113.9";
  for (int i = 0; i < 31; ++i) chain += ",10.0.0.2";
  EXPECT_EQ(origin_of(trust(kProxies), kPeer, Fields{xff(chain)})->address, "203.0.113.9");
  chain += ",10.0.0.2";
  EXPECT_EQ(origin_of(trust(kProxies), kPeer, Fields{xff(chain)})->address, "10.0.0.2");
}

TEST(Forwarded, OnlyATrustedPeerIsBelieved) {
  const struct {
    Items trusted;
    std::string peer;
    std::string client;
  } rows[] = {
      {{}, "127.0.0.1", "127.0.0.1"},
      {{}, "", ""},
      {{"127.0.0.1"}, "127.0.0.1", "203.0.113.9"},
      {{"127.0.0.1"}, "127.0.0.2", "127.0.0.2"},
      {{"127.0.0.1"}, "", ""},
      {{"unix"}, "", "203.0.113.9"},
      {{"unix"}, "127.0.0.1", "127.0.0.1"},
      {{"*"}, "192.0.2.7", "203.0.113.9"},
      {{"*"}, "", "203.0.113.9"},
      {{"::1"}, "::1", "203.0.113.9"},
      {{"10.0.0.0/8"}, "::ffff:10.0.0.1", "203.0.113.9"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.peer + " for " + row.client);
    // "*" too believes the peer, and nobody whom it names.
    const Fields fields{xff("198.51.100.1, 203.0.113.9"), proto("https")};
    const Origin origin = origin_of(trust(row.trusted), row.peer, fields).value();
    EXPECT_EQ(origin.address, row.client);
    EXPECT_EQ(origin.scheme, row.peer == row.client ? "http" : "https");
  }
}

TEST(Forwarded, TheSchemeIsWhatOneFieldSaysAndNoOtherContradicts) {
  const struct {
    Fields fields;
    std::string scheme;
  } rows[] = {
      {{}, "http"},
      {{proto("https")}, "https"},
      {{proto("HTTPS")}, "https"},
      {{proto("http")}, "http"},
      {{proto("https, http")}, "http"},
      {{proto("https"), proto("https")}, "http"},
      {{proto("ftp")}, "http"},
      {{fwd("for=203.0.113.9;proto=https")}, "https"},
      {{fwd("for=203.0.113.9;proto=https, for=10.1.1.1;proto=http")}, "https"},
      {{fwd("for=198.51.100.1;proto=https, for=203.0.113.9")}, "http"},
      {{fwd("for=203.0.113.9;proto=http"), proto("https")}, "http"},
      {{fwd("for=203.0.113.9;proto=https"), proto("https")}, "https"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.fields.empty() ? "nothing" : row.fields.front().value);
    EXPECT_EQ(origin_of(trust(kProxies), kPeer, row.fields)->scheme, row.scheme);
  }
}

TEST(Forwarded, AListOfAnythingElseIsRefused) {
  for (const char* item : {"", "localhost", "10.0.0.1/8", "10.0.0.0/33", "127.0.0.1,::1", "UNIX"})
    EXPECT_FALSE(TrustedProxies::parse(Items{item})) << item;
  EXPECT_TRUE(trust({}).empty());
}

TEST(Forwarded, TheRequestHoldsItAsLongAsItsExchange) {
  Exchange exchange;
  exchange.request.remote_address = kPeer;
  {
    const std::string value = "203.0.113.9";
    exchange.request.fields = {xff(value)};
    EXPECT_TRUE(note_origin(trust(kProxies), exchange));
  }
  EXPECT_EQ(exchange.request.remote_address, "203.0.113.9");
}

}  // namespace
}  // namespace tollgate::http
