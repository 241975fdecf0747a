// HTTP/1.1 from outside: the demo's open routes, and what each bad request is answered.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/http_client.h"
#include "tests/support/matches.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

class Http : public testing::Test {
 protected:
  const Site site_;
  const ServerProcess server_{site_, {"serve", "--workers", "1", "--limit-request-body", "1000"}};
};

TEST_F(Http, PlainAnswerHasTheseFieldsAndNoOthers) {
  const HttpResponse plain = get(server_.address(), "/plain");
  EXPECT_EQ(plain.status, 200);
  EXPECT_EQ(plain.reason, "OK");
  EXPECT_EQ(plain.body, "Hello, World!");
  ASSERT_EQ(plain.fields.size(), 4U);
  EXPECT_EQ(plain.fields[0], std::pair(std::string("Server"), std::string("tollgate")));
  EXPECT_EQ(plain.fields[1].first, "Date");
  EXPECT_TRUE(
      matches(plain.fields[1].second,
              "(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT"));
  EXPECT_EQ(plain.fields[2], std::pair(std::string("Content-Type"), std::string("text/plain")));
  EXPECT_EQ(plain.fields[3], std::pair(std::string("Content-Length"), std::string("13")));

  const HttpResponse json = get(server_.address(), "/json");
  EXPECT_EQ(json.body, R"({"message":"Hello, World!"})");
  EXPECT_EQ(json.field("content-type"), "application/json");
  EXPECT_NE(get(server_.address(), "/").body.find("<title>tollgate</title>"), std::string::npos);
}

TEST_F(Http, EchoKeepsTheOrderOfMembers) {
  const std::string document = R"({"z":1,"a":{"y":[true,null],"b":"ü"},"m":1.5})";
  EXPECT_EQ(post_json(server_.address(), "/echo", document).body, document);
  EXPECT_EQ(post_json(server_.address(), "/echo", "{\"z\" :").status, 400);
  EXPECT_EQ(fetch(server_.address(), "POST", "/echo", {{"Content-Type", "text/csv"}}, "1").status,
            415);
}

TEST_F(Http, HeadIsAGetWithoutItsBody) {
  HttpClient client(server_.address());
  const auto head = client.exchange("HEAD", "/plain");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->field("content-length"), "13");
  // Nothing of a body stands in the way of the next response.
  EXPECT_EQ(client.exchange("GET", "/plain")->body, "Hello, World!");
}

TEST_F(Http, UnknownPathsAndMethodsAreToldApart) {
  EXPECT_EQ(get(server_.address(), "/nowhere").status, 404);
  EXPECT_EQ(get(server_.address(), "/nowhere").body, R"({"detail":"Not found."})");
  EXPECT_EQ(get(server_.address(), "/PLAIN").status, 404);
  const HttpResponse refused = fetch(server_.address(), "DELETE", "/plain");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.field("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(refused.body, R"({"detail":"Method \"DELETE\" not allowed."})");
  const HttpResponse options = fetch(server_.address(), "OPTIONS", "/echo");
  EXPECT_EQ(options.status, 200);
  EXPECT_EQ(options.field("allow"), "POST, OPTIONS");
}

// Each closes the connection: what follows on it could not be trusted.
TEST_F(Http, BadRequestsAreAnsweredAndClosed) {
  const std::string kHost = "Host: test\r\n";
  std::string many_fields;
  for (int i = 0; i < 101; ++i) many_fields += "X-" + std::to_string(i) + ": x\r\n";
  struct {
    const char* name;
    std::string bytes;
    int status;
  } const rows[] = {
      {"garbage", "\x16\x03\x01 TLS, perhaps\r\n\r\n", 400},
      {"no host", "GET /plain HTTP/1.1\r\n\r\n", 400},
      {"two hosts", "GET /plain HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"a space before the colon", "GET /plain HTTP/1.1\r\n" + kHost + "X : y\r\n\r\n", 400},
      {"a folded field", "GET /plain HTTP/1.1\r\n" + kHost + "X: y\r\n z\r\n\r\n", 400},
      {"two lengths",
       "POST /echo HTTP/1.1\r\n" + kHost + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400},
      {"length beside chunked",
       "POST /echo HTTP/1.1\r\n" + kHost +
           "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"a coding we lack",
       "POST /echo HTTP/1.1\r\n" + kHost + "Transfer-Encoding: gzip, chunked\r\n\r\n", 400},
      {"a bad chunk",
       "POST /echo HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
      {"HTTP/2 from nowhere", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"an unknown expectation", "GET /plain HTTP/1.1\r\n" + kHost + "Expect: tea\r\n\r\n", 417},
      {"too long a line", "GET /" + std::string(8200, 'x') + " HTTP/1.1\r\n" + kHost + "\r\n", 414},
      {"too large a field",
       "GET /plain HTTP/1.1\r\n" + kHost + "X: " + std::string(8200, 'x') + "\r\n\r\n", 431},
      {"too many fields", "GET /plain HTTP/1.1\r\n" + kHost + many_fields + "\r\n", 431},
      {"too large a body",
       "POST /echo HTTP/1.1\r\n" + kHost + "Content-Length: 1001\r\n\r\n" + std::string(1001, ' '),
       413},
      {"too large a body in chunks",
       "POST /echo HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" +
           std::string(1001, ' ') + "\r\n0\r\n\r\n",
       413},
      {"an unknown method", "BREW /plain HTTP/1.1\r\n" + kHost + "\r\n", 501},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    HttpClient client(server_.address());
    client.send(row.bytes);
    const auto response = client.receive();
    ASSERT_TRUE(response) << to_string(response.error());
    EXPECT_EQ(response->status, row.status) << response->body;
    EXPECT_TRUE(response->closes());
    EXPECT_TRUE(client.is_closed());
  }
}

TEST_F(Http, RefusedUploadIsToldBeforeItIsSent) {
  HttpClient client(server_.address());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 100000000\r\n"
      "Expect: 100-continue\r\n\r\n");
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 413);
  EXPECT_TRUE(client.is_closed());

  HttpClient anonymous(server_.address());
  anonymous.send(
      "POST /api/notes HTTP/1.1\r\nHost: test\r\nContent-Length: 500\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(anonymous.receive()->status, 401);
}

TEST_F(Http, ExpectedContinueComesFirst) {
  HttpClient client(server_.address());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 7\r\nExpect: 100-continue\r\n\r\n");
  const auto interim = client.receive();
  ASSERT_TRUE(interim);
  EXPECT_EQ(interim->status, 100);
  client.send(R"({"a":1})");
  const auto final = client.receive();
  ASSERT_TRUE(final);
  EXPECT_EQ(final->status, 200);
  EXPECT_EQ(final->body, R"({"a":1})");
}

TEST_F(Http, PipelinedRequestsAreAnsweredInOrder) {
  HttpClient client(server_.address());
  // The slow one first: what is behind it must not overtake it.
  client.send(request("GET", "/block/50") + request("GET", "/plain") + request("HEAD", "/json") +
              request("POST", "/echo", {{"Content-Type", "application/json"}}, "[3]") +
              request("GET", "/nowhere") + request("GET", "/plain", {{"Connection", "close"}}));
  EXPECT_EQ(client.receive()->body, "blocked for 50 ms\n");
  EXPECT_EQ(client.receive()->body, "Hello, World!");
  EXPECT_EQ(client.receive("HEAD")->field("content-type"), "application/json");
  EXPECT_EQ(client.receive()->body, "[3]");
  EXPECT_EQ(client.receive()->status, 404);
  const auto last = client.receive();
  ASSERT_TRUE(last);
  EXPECT_TRUE(last->closes());
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Http, BodyMayComeInChunksAndInPieces) {
  HttpClient client(server_.address());
  const std::string bytes =
      "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n2;x=y\r\n[1\r\n3\r\n,2]\r\n0\r\nTrailer: t\r\n\r\n";
  client.send(bytes);
  EXPECT_EQ(client.receive()->body, "[1,2]");
  for (const char& byte : bytes) client.send({&byte, 1});
  EXPECT_EQ(client.receive()->body, "[1,2]");
  EXPECT_EQ(client.exchange("GET", "/plain")->status, 200);  // the trailer was no request
}

TEST_F(Http, OldClientsAreClosedUnlessTheyAskOtherwise) {
  HttpClient old(server_.address());
  old.send("GET /plain HTTP/1.0\r\n\r\n");
  const auto response = old.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "Hello, World!");
  EXPECT_TRUE(old.is_closed());

  HttpClient keeping(server_.address());
  for (int i = 0; i < 2; ++i) {
    keeping.send("GET /plain HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto kept = keeping.receive();
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->field("connection"), "keep-alive");
  }
}

TEST_F(Http, HalfClosedClientGetsItsAnswer) {
  HttpClient client(server_.address());
  client.send(request("GET", "/block/50"));
  client.shut_down_writing();
  EXPECT_EQ(client.receive()->body, "blocked for 50 ms\n");
  EXPECT_TRUE(client.is_closed());
}

}  // namespace
}  // namespace tollgate::test
