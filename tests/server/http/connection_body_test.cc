// What becomes of a request's body: where it goes, what is refused, and that each refusal ends
// its connection properly and gives all back.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <deque>

#include "tests/server/http/connection_fixture.h"
#include "tests/server/http/gzip.h"

namespace tollgate::http {
namespace {

using shm::Tally;
using tests::gzip;

constexpr Limits kLimits{.body = 2000, .body_buffer = 10, .inflation = 100};

class ConnectionBody : public ConnectionFixture {
 protected:
  explicit ConnectionBody(const Limits& limits = kLimits) : ConnectionFixture(limits) {}

  void post(std::string_view body, std::string_view fields = "") {
    send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(fields) + "\r\n" + std::string(body));
  }
  int status() {
    const std::string got = received();
    return got.size() < 12 ? 0 : std::stoi(got.substr(9, 3));
  }
  uint64_t count(Tally tally) const { return host_.tallies.get(tally); }
};

TEST_F(ConnectionBody, BeyondTheBufferIsInAFileAndTheNextOneIsNot) {
  post(std::string(1000, 'x'));
  EXPECT_EQ(received(), ok("POST / " + std::string(1000, 'x')));
  EXPECT_EQ(count(Tally::TempFiles), 1U);
  post("small");
  EXPECT_EQ(received(), ok("POST / small"));
  EXPECT_EQ(count(Tally::TempFiles), 1U);
  EXPECT_TRUE(open());
}

TEST_F(ConnectionBody, IsHeldToTheLimitOfItsRoute) {
  struct Case {
    std::optional<uint64_t> limit;
    std::size_t size;
    int status;
  };
  const Case cases[] = {{std::nullopt, 2000, 200},
                        {std::nullopt, 2001, 413},
                        {5, 5, 200},
                        {5, 6, 413},
                        {3000, 3000, 200},
                        {0, 1, 413}};
  std::deque<Wire> wires;
  for (const Case& row : cases) {
    SCOPED_TRACE(row.size);
    service_.route.body_limit = row.limit;
    for (const bool chunked : {false, true}) {
      Wire& wire = wires.emplace_back();
      connect(wire);
      const std::string body(row.size, 'x');
      wire.input =
          chunked ? "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
                        fmt::format("{:x}\r\n", row.size) + body + "\r\n0\r\n\r\n"
                  : "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(row.size) +
                        "\r\n\r\n" + body;
      run();
      EXPECT_EQ(wire.output.substr(9, 3), std::to_string(row.status)) << chunked;
      EXPECT_EQ(wire.writing_ended, row.status != 200);
    }
  }
  EXPECT_EQ(count(Tally::LargeBodies), 6U);
  host_.connections.clear();
  connect(wire_);
}

TEST_F(ConnectionBody, ThatIsGzipReachesTheHandlerInflatedAndWithoutTheFieldsThatWereOfTheOther) {
  std::string seen;
  service_.on_handle = [&](const Exchange& exchange) {
    for (const FieldView& field : exchange.request.fields) seen += std::string(field.name) + " ";
    return text(std::string(exchange.request.body.view()));
  };
  for (const char* coding : {"gzip", "x-gzip", "GZip", "identity, gzip"}) {
    SCOPED_TRACE(coding);
    post(gzip("hello"), "Content-Encoding: " + std::string(coding) + "\r\nX: y\r\n");
    EXPECT_EQ(received(), ok("hello"));
    EXPECT_EQ(std::exchange(seen, {}), "Host X ");
  }
  post("plain", "Content-Encoding: identity\r\n");
  EXPECT_EQ(received(), ok("plain"));
  EXPECT_EQ(seen, "Host Content-Length Content-Encoding ");
}

TEST_F(ConnectionBody, InACodingThatIsNotTakenIs415BeforeAnyOfItIsRead) {
  for (const char* coding : {"br", "deflate", "gzip, gzip", "gzip\r\nContent-Encoding: br"}) {
    SCOPED_TRACE(coding);
    Wire wire;
    const uint64_t id = connect(wire);
    wire.input =
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n"
        "Content-Encoding: " +
        std::string(coding) + "\r\n\r\n";
    run();
    EXPECT_EQ(wire.output.substr(0, 12), "HTTP/1.1 415");
    EXPECT_NE(wire.output.find("\r\nAccept-Encoding: gzip\r\n"), std::string::npos);
    EXPECT_TRUE(wire.writing_ended);
    host_.connections.erase(id);
  }
}

// First who may ask, and how; then with what.
TEST_F(ConnectionBody, IsLookedAtAfterTheGateAndTheMethod) {
  service_.on_gate = [](Exchange&) -> Verdict { return detail(401, "Who?"); };
  send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\nContent-Encoding: br\r\n\r\n");
  EXPECT_EQ(status(), 401);
}

TEST_F(ConnectionBody, ThatIsNoGzipIs400) {
  post("this is no gzip", "Content-Encoding: gzip\r\n");
  EXPECT_EQ(status(), 400);
  EXPECT_TRUE(lingering());
  EXPECT_EQ(count(Tally::BadRequests), 1U);
}

TEST_F(ConnectionBody, ThatIsTruncatedGzipIs400AtItsEnd) {
  const std::string whole = gzip("hello");
  post(whole.substr(0, whole.size() - 3), "Content-Encoding: gzip\r\n");
  EXPECT_EQ(status(), 400);
  EXPECT_TRUE(lingering());
}

TEST_F(ConnectionBody, ThatInflatesBeyondTheLimitIs413) {
  post(gzip(std::string(2001, 'x')), "Content-Encoding: gzip\r\n");
  EXPECT_EQ(status(), 413);
  EXPECT_TRUE(lingering());
  EXPECT_EQ(count(Tally::LargeBodies), 1U);
}

class ConnectionBodyWithoutGzip : public ConnectionBody {
 protected:
  ConnectionBodyWithoutGzip() : ConnectionBody({.inflation = 0}) {}
};

TEST_F(ConnectionBodyWithoutGzip, Is415) {
  post(gzip("x"), "Content-Encoding: gzip\r\n");
  const std::string got = received();
  EXPECT_EQ(got.substr(0, 12), "HTTP/1.1 415");
  EXPECT_NE(got.find("\r\nAccept-Encoding: identity\r\n"), std::string::npos) << got;
}

class ConnectionBodyWithoutFolder : public ConnectionBody {
 protected:
  ConnectionBodyWithoutFolder()
      : ConnectionBody({.body_buffer = 10, .body_temp_dir = "/nonexistent"}) {}
};

TEST_F(ConnectionBodyWithoutFolder, Is503AndTheConnectionEndsProperly) {
  post("small");
  EXPECT_EQ(status(), 200);
  post("too large for the buffer");
  const std::string got = received();
  EXPECT_EQ(got.substr(0, 12), "HTTP/1.1 503");
  EXPECT_NE(got.find("\r\nRetry-After: 1\r\n"), std::string::npos) << got;
  EXPECT_EQ(got.find("nonexistent"), std::string::npos) << got;  // that is for the log
  EXPECT_TRUE(lingering());
  EXPECT_EQ(count(Tally::NoTempFiles), 1U);
  EXPECT_EQ(count(Tally::TempFiles), 0U);
  expect_given_back();
}

TEST_F(ConnectionBody, OfAClientThatHasTooManyConnectionsIsNotRead) {
  Wire wire;
  wire.input = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
  const uint64_t id = connect(wire, Connection::First::Refused);
  run();
  EXPECT_EQ(wire.output.substr(0, 12), "HTTP/1.1 503");
  EXPECT_NE(wire.output.find("\r\nRetry-After: 1\r\n"), std::string::npos) << wire.output;
  EXPECT_TRUE(wire.output.ends_with(R"({"detail":"Too many connections."})")) << wire.output;
  EXPECT_TRUE(service_.asked.empty());
  EXPECT_TRUE(wire.writing_ended);
  EXPECT_FALSE(wire.closed);  // so that the answer is not lost to a reset
  pass_time(kTimeouts.linger);
  EXPECT_TRUE(wire.closed);
  EXPECT_EQ(host_.find(id), nullptr);
}

}  // namespace
}  // namespace tollgate::http
