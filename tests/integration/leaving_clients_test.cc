// A client may leave at any moment; nobody else notices. (Under sanitizers this is where a
// dangling view of a request would be found.)
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "tests/support/http_client.h"
#include "tests/support/load.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

enum class Leaves { ByEndOfFile, ByReset };

void leave(const HttpClient& client, Leaves how) {
  if (how == Leaves::ByEndOfFile) return;  // the destructor does
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

TEST(LeavingClients, HarmNobody) {
  const Site site;
  // Without time-outs, which would only hide that a connection was forgotten.
  ServerProcess server(site,
                       {"serve", "--workers", "1", "--threads", "2", "--header-timeout", "1h",
                        "--body-timeout", "1h", "--keep-alive", "1h", "--graceful-timeout", "10s"});
  const std::vector<pid_t> workers = server.workers();
  const std::string json = "Content-Type: application/json\r\n";
  const std::string bytes[] = {
      "GE",
      "GET /plain HTTP/1.1\r\nHost: te",
      "POST /echo HTTP/1.1\r\nHost: test\r\n" + json + "Content-Length: 100\r\n\r\n[1, ",
      "POST /echo HTTP/1.1\r\nHost: test\r\n" + json + "Transfer-Encoding: chunked\r\n\r\n5\r\n[",
      request("GET", "/plain"),
      request("GET", "/block/20"),                                 // on the pool of threads
      request("GET", "/block/20") + request("GET", "/block/20"),   // with another behind it
      request("GET", "/api/me", bearer(site.token(99))),           // looks a user up, each time
      request("POST", "/api/notes", bearer(site.token(1)), "{}"),  // looks up, then blocks
      request("POST", "/api/token/refresh/", {{"Content-Type", "application/json"}},
              R"({"refresh":"x"})"),
      "TRACE / HTTP/9.9\r\n\r\n",  // refused, and lingering
  };
  Load load(server.address(), {.clients = 2});
  for (int round = 0; round < 20; ++round) {
    for (const std::string& sent : bytes) {
      for (const Leaves how : {Leaves::ByEndOfFile, Leaves::ByReset}) {
        HttpClient client(server.address());
        client.send(sent);
        leave(client, how);
      }
    }
  }
  ASSERT_TRUE(load.wait_for_answers(10));
  const Load::Report report = load.stop();
  EXPECT_TRUE(report.failures.empty()) << report.text();
  EXPECT_TRUE(report.surprises.empty()) << report.text();
  EXPECT_EQ(server.workers(), workers) << server.log().text();  // not even a new worker
  server.stop();
  EXPECT_EQ(server.log().text().find("did not end within graceful_timeout"), std::string::npos)
      << server.log().text();
}

TEST(LeavingClients, DuringALoginHarmNobody) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "1"});
  {
    HttpClient client(server.address());
    client.send(request("POST", "/api/token/", {{"Content-Type", "application/json"}},
                        R"({"username":"alice","password":"wrong"})"));
    ASSERT_EQ(get(server.address(), "/plain").status, 200);  // the login is under way
    leave(client, Leaves::ByReset);
  }
  EXPECT_EQ(post_json(server.address(), "/api/token/",
                      R"({"username":"alice","password":"PASSWORD of alice"})")
                .status,
            200);
}

}  // namespace
}  // namespace tollgate::test
