// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/request_id.h"

#include <gtest/gtest.h>

#include "tests/server/middleware/exchange_of.h"

namespace tollgate::middleware {
namespace {

TEST(RequestId, OfAClientIsTakenIfItIsSane) {
  const std::pair<std::string, bool> cases[] = {
      {"7f3a-11", true},
      {"4bf92f3577b34da6a3ce929d0e0e4736", true},
      {std::string(64, 'a'), true},
      {std::string(65, 'a'), false},
      {"", false},
      {"two words", false},
      {"a\"b", false},
      {"a,b", false},
      {"caf\xc3\xa9", false},
      {"${jndi:ldap://x}", false},
      {"a\r\nX: y", false},
  };
  for (const auto& [id, sane] : cases) {
    EXPECT_EQ(is_request_id(id), sane) << id;
    RequestIds ids(1);
    const auto exchange = exchange_of({{"x-request-id", id}});
    ids.name(*exchange);
    EXPECT_EQ(exchange->request.request_id, sane ? id : "0000000000000001-1") << id;
  }
}

TEST(RequestId, OfOursIsNeverTheSame) {
  RequestIds ids(0xabcd);
  EXPECT_EQ(ids.next(), "000000000000abcd-1");
  EXPECT_EQ(ids.next(), "000000000000abcd-2");
  EXPECT_NE(RequestIds().next(), RequestIds().next());
  EXPECT_TRUE(is_request_id(RequestIds().next()));
}

TEST(RequestId, IsSaidToTheClient) {
  RequestIds ids(1);
  const auto exchange = exchange_of({});
  ids.name(*exchange);
  http::Response response;
  ids.echo(http::Request(exchange->request), response);
  EXPECT_EQ(field_of(response, "X-Request-ID"), "0000000000000001-1");
  http::Response own;
  own.set_header("x-request-id", "the handler's");
  ids.echo(http::Request(exchange->request), own);
  EXPECT_EQ(field_of(own, "X-Request-ID"), "the handler's");
}

TEST(RequestId, IsThereAlsoWhenTheHeadCouldNotBeRead) {
  RequestIds ids(1);
  const auto exchange = exchange_of({});
  http::Response response(400);
  ids.echo(http::Request(exchange->request), response);
  EXPECT_EQ(field_of(response, "X-Request-ID"), "0000000000000001-1");
}

}  // namespace
}  // namespace tollgate::middleware
