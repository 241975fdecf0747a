// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "server/routing/router.h"

namespace tollgate::routing {
namespace {

using http::Method;
using http::Response;

struct HostCase {
  const char* name;
  const char* host;  // nullptr: none
  bool allowed;
};
std::ostream& operator<<(std::ostream& out, const HostCase& c) { return out << c.name; }

class AllowedHosts : public testing::TestWithParam<HostCase> {
 protected:
  static int status(Router& router) {
    EXPECT_TRUE(router.add({.pattern = "/", .gate = {}, .handler = [](const http::Request&) {
                              return http::text("");
                            }}));
    http::Exchange exchange;
    exchange.request.method = Method::Get;
    exchange.request.path = exchange.request.target = "/";
    if (GetParam().host != nullptr) exchange.request.fields.push_back({"Host", GetParam().host});
    const http::Verdict verdict = router.gate(exchange);
    const auto* response = std::get_if<Response>(&verdict);
    return response != nullptr ? response->status() : 200;
  }
};

TEST_P(AllowedHosts, AreThoseAndNoOthers) {
  Router router({"example.org", ".example.net", "[::1]"});
  EXPECT_EQ(status(router), GetParam().allowed ? 200 : 400);
}

TEST_P(AllowedHosts, AreAllWhereNoneAreNamed) {
  Router router(std::vector<std::string>{});
  EXPECT_EQ(status(router), 200);
}

TEST_P(AllowedHosts, AreAllWhereAStarIsNamed) {
  Router router({"example.org", "*"});
  EXPECT_EQ(status(router), 200);
}

INSTANTIATE_TEST_SUITE_P(, AllowedHosts,
                         testing::Values(HostCase{"TheName", "example.org", true},
                                         HostCase{"TheNameInCapitals", "EXAMPLE.Org", true},
                                         HostCase{"TheNameWithAPort", "example.org:8000", true},
                                         HostCase{"TheNameWithAnEmptyPort", "example.org:", true},
                                         HostCase{"ItsSubdomain", "a.example.org", false},
                                         HostCase{"ItsEnd", "ample.org", false},
                                         HostCase{"ALongerName", "example.org.evil", false},
                                         HostCase{"TheDomain", "example.net", true},
                                         HostCase{"ASubdomain", "a.b.Example.net:80", true},
                                         HostCase{"ANameWithTheSameEnd", "evilexample.net", false},
                                         HostCase{"TheAddress", "[::1]", true},
                                         HostCase{"TheAddressWithAPort", "[::1]:8000", true},
                                         HostCase{"AnotherAddress", "[::2]", false},
                                         HostCase{"Another", "evil", false},
                                         HostCase{"None", nullptr, false}),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace tollgate::routing
