// What RFC 9110 and 9112 ask of a server and its connections, as a client sees it that sends what
// it likes. Which bytes are a request at all is the corpus's (tests/data/http).
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

using Statuses = std::vector<int>;

const std::string kNext = "GET /plain HTTP/1.1\r\nHost: test\r\n\r\n";
const std::string kEcho = "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n";

std::string get_with(const std::string& fields) {
  return "GET /plain HTTP/1.1\r\nHost: test\r\n" + fields + "\r\n";
}
std::string chunked(const std::string& body) {
  return kEcho + "Transfer-Encoding: chunked\r\n\r\n" + body;
}

enum class After { Lives, Closes };
struct Row {
  const char* rule;
  std::string sent;
  Statuses answered;
  After after;
};

class HttpConformance : public testing::Test {
 protected:
  void expect(const Row& row) const {
    SCOPED_TRACE(row.rule);
    HttpClient client(server_.address());
    client.send(row.sent);
    const bool head = row.sent.starts_with("HEAD ");
    for (std::size_t i = 0; i < row.answered.size(); ++i) {
      const auto response = client.receive(i == 0 && head ? "HEAD" : "GET");
      ASSERT_TRUE(response) << to_string(response.error()) << ", answer " << i;
      EXPECT_EQ(response->status, row.answered[i]) << response->body << ", answer " << i;
    }
    if (row.after == After::Closes) {
      EXPECT_TRUE(client.is_closed());
    } else {
      const auto next = client.exchange("GET", "/plain");
      ASSERT_TRUE(next) << to_string(next.error());
      EXPECT_EQ(next->status, 200);
    }
  }

  const Site site_;
  const ServerProcess server_{site_, {"serve", "--workers", "1", "--limit-request-body", "1000"}};
};

TEST_F(HttpConformance, AConnectionLivesAsLongAsBothSidesSay) {
  const std::string old = "GET /plain HTTP/1.0\r\n";
  const Row rows[] = {
      {"9112 9.3: 1.1 lives", kNext, {200}, After::Lives},
      {"9112 9.6: close", get_with("Connection: close\r\n") + kNext, {200}, After::Closes},
      {"9110 7.6.1: in any case, in a list",
       get_with("Connection: x, CLOSE\r\n") + kNext,
       {200},
       After::Closes},
      {"9112 9.3: close wins",
       get_with("Connection: keep-alive, close\r\n") + kNext,
       {200},
       After::Closes},
      {"9112 9.3: 1.0 closes", old + "\r\n" + kNext, {200}, After::Closes},
      {"9112 9.3: 1.0 keep-alive", old + "Connection: Keep-Alive\r\n\r\n", {200}, After::Lives},
      {"9112 9.3: 1.0 both",
       old + "Connection: keep-alive\r\nConnection: close\r\n\r\n" + kNext,
       {200},
       After::Closes},
      {"9112 9.3.2: pipelined", kNext + kNext + kNext, {200, 200, 200}, After::Lives},
      {"9112 9.3.2: answers before a fault",
       kNext + "GET / HTTP/1.1\r\n\r\n" + kNext,
       {200, 400},
       After::Closes},
      {"9110 6.5.1: close in a trailer",
       chunked("2\r\n{}\r\n0\r\nConnection: close\r\n\r\n") + kNext,
       {200, 200},
       After::Lives},
      {"9112 2.2: an empty line behind a body",
       kEcho + "Content-Length: 2\r\n\r\n{}\r\n",
       {200},
       After::Lives},
      {"9112 2.2: empty lines before a request", "\r\n\r\n" + kNext, {200}, After::Lives},
  };
  for (const Row& row : rows) expect(row);
}

TEST_F(HttpConformance, AMethodIsServedOrToldWhyNot) {
  const std::string fields = " HTTP/1.1\r\nHost: test\r\n";
  const Row rows[] = {
      {"9110 9.3.2: HEAD has no body",
       "HEAD /plain" + fields + "\r\n" + kNext,
       {200, 200},
       After::Lives},
      {"9110 9.3.2: nor has its 404",
       "HEAD /nowhere" + fields + "\r\n" + kNext,
       {404, 200},
       After::Lives},
      {"9110 9.3.1: a GET may have a body",
       get_with("Content-Length: 3\r\n") + "abc" + kNext,
       {200, 200},
       After::Lives},
      {"9110 9.3.8: TRACE echoes nothing",
       "TRACE /plain" + fields + "\r\n" + kNext,
       {405, 200},
       After::Lives},
      {"9110 9.3.6: CONNECT", "CONNECT test:80" + fields + "\r\n" + kNext, {501}, After::Closes},
      {"9110 9.3.7: OPTIONS *", "OPTIONS *" + fields + "\r\n" + kNext, {200, 200}, After::Lives},
      {"9110 9.1: case matters", "get /plain" + fields + "\r\n", {501}, After::Closes},
      {"9110 15.5.6: known, not here", "PROPFIND /plain" + fields + "\r\n", {405}, After::Lives},
      {"9112 3.2.4: * is for OPTIONS", "GET *" + fields + "\r\n", {400}, After::Closes},
      {"9113 3.4: an HTTP/2 preface",
       "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string("\0\0\0\4\0\0\0\0\0", 9),
       {505},
       After::Closes},
  };
  for (const Row& row : rows) expect(row);
  EXPECT_EQ(fetch(server_.address(), "TRACE", "/plain").field("allow"), "GET, HEAD, OPTIONS");
}

TEST_F(HttpConformance, AnOfferThatWeDoNotTakeChangesNothing) {
  const Row rows[] = {
      {"9110 7.8: Upgrade",
       get_with("Connection: Upgrade\r\nUpgrade: websocket\r\n") + kNext,
       {200, 200},
       After::Lives},
      {"9113 3.2: h2c",
       get_with("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n") +
           kNext,
       {200, 200},
       After::Lives},
      {"9110 7.8: Upgrade with a body",
       kEcho + "Connection: Upgrade\r\nUpgrade: x\r\nContent-Length: 2\r\n\r\n{}" + kNext,
       {200, 200},
       After::Lives},
      {"9110 10.1.4: TE",
       get_with("TE: trailers, deflate;q=0.5\r\nConnection: TE\r\n") + kNext,
       {200, 200},
       After::Lives},
      {"9112 7.1.1: chunk extensions",
       chunked("1 ;a=b;c=\"\\\"\"\r\n{\r\n1;x\r\n}\r\n0;y=z\r\n\r\n") + kNext,
       {200, 200},
       After::Lives},
  };
  for (const Row& row : rows) expect(row);
}

TEST_F(HttpConformance, AContinueComesOnlyWhereItHelps) {
  const std::string expects = "Expect: 100-continue\r\n";
  const Row rows[] = {
      {"9110 10.1.1: before the body",
       kEcho + expects + "Content-Length: 2\r\n\r\n{}",
       {100, 200},
       After::Lives},
      {"9110 10.1.1: not without a body", get_with(expects), {200}, After::Lives},
      {"9110 10.1.1: not to HTTP/1.0",
       "POST /echo HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 2\r\n" + expects +
           "\r\n{}",
       {200},
       After::Closes},
      {"9110 10.1.1: not after a final answer",
       "POST /nowhere HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n" + expects + "\r\n",
       {404},
       After::Closes},
      {"9110 10.1.1: nor after a 413",
       kEcho + expects + "Content-Length: 1001\r\n\r\n",
       {413},
       After::Closes},
      {"9110 15.5.18: all is to be met",
       kEcho + expects + "Expect: tea\r\nContent-Length: 2\r\n\r\n{}",
       {417},
       After::Closes},
      {"limit: a chunk is refused by its size", chunked("3e9\r\n"), {413}, After::Closes},
  };
  for (const Row& row : rows) expect(row);
}

TEST_F(HttpConformance, ATraceShowsNothingOfTheRequest) {
  const HttpResponse trace = fetch(server_.address(), "TRACE", "/plain", {{"Cookie", "secret"}});
  EXPECT_EQ(trace.body.find("secret"), std::string::npos);
  EXPECT_EQ(trace.body.find("TRACE /plain"), std::string::npos);
}

// A client whose CRLF we took for the beginning of a request would be told 408 instead of nothing.
TEST(HttpConformanceOfIdleClients, AnEmptyLineBehindABodyIsNotAnsweredInTheEnd) {
  const Site site;
  const ServerProcess server(
      site, {"serve", "--workers", "1", "--keep-alive", "300ms", "--header-timeout", "100ms"});
  HttpClient client(server.address());
  client.send(kEcho + "Content-Length: 2\r\n\r\n{}\r\n");
  EXPECT_EQ(client.receive()->status, 200);
  EXPECT_TRUE(client.is_closed());  // and nothing before it
}

}  // namespace
}  // namespace tollgate::test
