// What stands around an application's handlers, through the real server.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <set>
#include <thread>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

constexpr const char* kApplication = TEST_APPLICATIONS "/libtest_steps.so";
constexpr const char* kOrigin = "https://app.example.org";

std::vector<std::string> serve(const char* workers) {
  return {"serve", "--workers", workers, kApplication};
}

// How many of 50 requests, each on a connection of its own, are let through.
int passed(const Address& address) {
  int count = 0;
  for (int i = 0; i < 50; ++i) {
    const int status = get(address, "/limited").status;
    EXPECT_TRUE(status == 200 || status == 429) << status;
    count += status == 200 ? 1 : 0;
  }
  return count;
}

TEST(RateLimit, FourWorkersCountAsOne) {
  const Site site;
  const ServerProcess server(site, serve("4"));
  std::atomic<int> all = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) clients.emplace_back([&] { all += passed(server.address()); });
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(all, 20);
  const HttpResponse refusal = get(server.address(), "/limited");
  EXPECT_EQ(refusal.body, R"({"detail":"Request was throttled. Expected available in )" +
                              refusal.field("Retry-After") + R"( seconds."})");
}

TEST(RateLimit, IsNotForgivenByAReloadNorByADeadWorker) {
  const Site site;
  ServerProcess server(site, serve("1"));
  EXPECT_EQ(passed(server.address()), 20);
  const auto first = server.workers();
  server.signal(SIGHUP);
  ASSERT_TRUE(server.wait_for_workers(1, first));
  EXPECT_EQ(get(server.address(), "/limited").status, 429);
  const auto second = server.workers();
  ASSERT_EQ(kill(second.front(), SIGKILL), 0);
  ASSERT_TRUE(server.wait_for_workers(1, second));
  EXPECT_EQ(get(server.address(), "/limited").status, 429);
}

TEST(RateLimit, HoldsInTheDevelopmentServer) {
  const Site site;
  const ServerProcess server(site, {"dev", kApplication});
  EXPECT_EQ(passed(server.address()), 20);
}

TEST(CrossOrigin, APreflightNeedsNoToken) {
  const Site site;
  const ServerProcess server(site, serve("1"));
  const HttpResponse answer = fetch(server.address(), "OPTIONS", "/private",
                                    {{"Origin", kOrigin},
                                     {"Access-Control-Request-Method", "GET"},
                                     {"Access-Control-Request-Headers", "authorization"}});
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), kOrigin);
  EXPECT_NE(answer.field("Access-Control-Allow-Methods").find("GET"), std::string::npos);
  EXPECT_NE(answer.field("Access-Control-Allow-Headers").find("authorization"), std::string::npos);
}

TEST(CrossOrigin, APageCanReadTheErrors) {
  const Site site;
  const ServerProcess server(site, serve("1"));
  EXPECT_EQ(passed(server.address()), 20);
  const Fields page = {{"Origin", kOrigin}};
  for (const auto& [path, status] :
       {std::pair("/private", 401), {"/missing", 404}, {"/limited", 429}, {"/throws", 500}}) {
    const HttpResponse answer = get(server.address(), path, page);
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), kOrigin) << path;
    EXPECT_EQ(answer.field("Vary"), "Origin") << path;
    EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff") << path;
  }
  EXPECT_EQ(post_json(server.address(), "/text", "{}", page).field("Access-Control-Allow-Origin"),
            kOrigin);
}

TEST(RequestId, IsTheClientsOrOneOfOurs) {
  const Site site;
  const ServerProcess server(site, serve("2"));
  const HttpResponse named = get(server.address(), "/id", {{"X-Request-ID", "from-the-proxy.7"}});
  EXPECT_EQ(named.body, "from-the-proxy.7");
  EXPECT_EQ(named.field("X-Request-ID"), "from-the-proxy.7");
  std::set<std::string> ids;
  for (int i = 0; i < 20; ++i) {
    const HttpResponse ours =
        get(server.address(), "/id", {{"X-Request-ID", "two words, of the client's"}});
    EXPECT_EQ(ours.field("X-Request-ID"), ours.body);
    ids.insert(ours.body);
  }
  EXPECT_EQ(ids.size(), 20U);
}

TEST(RequestId, IsTheErrorIdOfA500ThatTheLogExplains) {
  const Site site;
  const ServerProcess server(site, serve("1"));
  const HttpResponse failed = get(server.address(), "/throws", {{"X-Request-ID", "abc-1"}});
  EXPECT_EQ(failed.status, 500);
  EXPECT_EQ(failed.body, R"({"detail":"Internal Server Error","error_id":"abc-1"})");
  EXPECT_TRUE(server.log().wait_for("(error id abc-1): std::runtime_error: hunter2"));
}

TEST(Compression, IsWhatTheClientAccepts) {
  const Site site;
  const ServerProcess server(site, serve("1"));
  const std::string plain = get(server.address(), "/text").body;
  for (const auto& [accepts, coding] : {std::pair("gzip", "gzip"),
                                        {"gzip, br", "br"},
                                        {"gzip;q=1, br;q=0.5", "gzip"},
                                        {"identity", ""},
                                        {"deflate", ""}}) {
    const HttpResponse answer = get(server.address(), "/text", {{"Accept-Encoding", accepts}});
    EXPECT_EQ(answer.field("Content-Encoding"), coding) << accepts;
    EXPECT_NE(answer.field("Vary").find("Accept-Encoding"), std::string::npos) << accepts;
    EXPECT_EQ(answer.body.size() < plain.size() / 3, std::string_view(coding) != "") << accepts;
  }
  const HttpResponse secret = get(server.address(), "/secret", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(secret.field("Content-Encoding"), "");
  EXPECT_EQ(secret.body, plain);
}

TEST(Compression, HEADSaysWhatGETWould) {
  const Site site;
  const ServerProcess server(site, serve("1"));
  for (const char* path : {"/text", "/large", "/stream"}) {
    HttpClient client(server.address());
    const Fields accept = {{"Accept-Encoding", "gzip"}};
    const auto whole = client.exchange("GET", path, accept);
    const auto head = client.exchange("HEAD", path, accept);
    ASSERT_TRUE(whole && head) << path;
    for (const char* name :
         {"Content-Length", "Transfer-Encoding", "Content-Encoding", "Vary", "ETag"})
      EXPECT_EQ(head->field(name), whole->field(name)) << path << ' ' << name;
    EXPECT_EQ(whole->field("Content-Encoding"), "gzip") << path;
  }
}

TEST(EntityTags, SpareTheClientWhatItHas) {
  const Site site;
  const ServerProcess server(site, serve("2"));
  for (const char* coding : {"identity", "gzip"}) {
    const HttpResponse first = get(server.address(), "/text", {{"Accept-Encoding", coding}});
    const std::string tag = first.field("ETag");
    ASSERT_NE(tag, "");
    EXPECT_EQ(tag.starts_with("W/"), coding == std::string_view("gzip"));
    const HttpResponse second =
        get(server.address(), "/text", {{"Accept-Encoding", coding}, {"If-None-Match", tag}});
    EXPECT_EQ(second.status, 304);
    EXPECT_EQ(second.body, "");
    EXPECT_EQ(second.field("ETag"), tag);
    EXPECT_EQ(second.field("Vary"), first.field("Vary"));
  }
  EXPECT_EQ(get(server.address(), "/text", {{"If-Match", "\"other\""}}).status, 412);
}

}  // namespace
}  // namespace tollgate::test
