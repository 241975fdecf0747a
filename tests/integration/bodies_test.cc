// A request's body reaches its handler as it was sent, however large and however it comes, and
// leaves nothing behind.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <zlib.h>

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "tests/support/http_client.h"
#include "tests/support/load.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

using Json = nlohmann::json;

std::string noise(std::size_t size) {
  std::string out;
  out.reserve(size);
  for (uint32_t state = 1; out.size() < size;) {
    state = state * 1664525 + 1013904223;
    out += static_cast<char>(state >> 24);
  }
  return out;
}

std::string told(std::string_view body) {
  return std::to_string(body.size()) + " " + std::to_string(std::hash<std::string_view>{}(body));
}

std::string gzip(std::string_view text) {
  z_stream z{};
  deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&z, text.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string chunked(std::string_view target, std::string_view body, std::size_t chunk) {
  std::string out = "POST " + std::string(target) +
                    " HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (; !body.empty(); body.remove_prefix(std::min(chunk, body.size()))) {
    const std::string_view piece = body.substr(0, chunk);
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    out.append(size).append(piece).append("\r\n");
  }
  return out + "0\r\n\r\n";
}

std::size_t open_files(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/fd";
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

// Of the process's memory what is neither a file's nor shared, in KiB.
uint64_t anonymous_memory(pid_t pid) {
  const std::string status = read_file("/proc/" + std::to_string(pid) + "/status");
  return std::stoull(status.substr(status.find("RssAnon:") + 8));
}

template <class F>
bool becomes_true(F condition) {
  const Deadline deadline(kPatience);
  while (!condition()) {
    if (deadline.passed()) return false;
    poll(nullptr, 0, 5);
  }
  return true;
}

class Bodies : public testing::Test {
 protected:
  std::unique_ptr<ServerProcess> serve(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"serve",           TEST_APPLICATIONS "/libtest_bodies.so",
                                          "--workers",       "1",
                                          "--body-temp-dir", temp_.path()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Command command = site_.server(arguments);
    command.environment.push_back("XDG_RUNTIME_DIR=" + site_.directory().path());
    return std::make_unique<ServerProcess>(command);
  }
  Json tallies() const {
    Command command = site_.command({"ctl", "status", "--json"});
    command.environment.push_back("XDG_RUNTIME_DIR=" + site_.directory().path());
    return Json::parse(run(command).out)["tallies"];
  }
  Finished status() const {
    Command command = site_.command({"ctl", "status"});
    command.environment.push_back("XDG_RUNTIME_DIR=" + site_.directory().path());
    return run(command);
  }

  const Site site_;
  const TempDir temp_;
};

TEST_F(Bodies, AreSeenAsTheyWereSentWhateverTheirSize) {
  const auto server = serve({"--body-buffer", "1000"});
  HttpClient client(server->address());
  for (const std::size_t size : {0UL, 1UL, 999UL, 1000UL, 1001UL, 70000UL, 5UL << 20}) {
    SCOPED_TRACE(size);
    const std::string body = noise(size);
    for (const char* target : {"/view", "/pieces"}) {
      const auto whole = client.exchange("POST", target, {}, body);
      ASSERT_TRUE(whole) << to_string(whole.error());
      EXPECT_EQ(whole->body, told(body));
      client.send(chunked(target, body, 8191));
      const auto in_chunks = client.receive();
      ASSERT_TRUE(in_chunks) << to_string(in_chunks.error());
      EXPECT_EQ(in_chunks->body, told(body));
    }
    client.send(request("POST", "/view", {{"Content-Encoding", "gzip"}}, gzip(body)));
    EXPECT_EQ(client.receive()->body, told(body));
  }
  EXPECT_EQ(tallies()["temp_files"], 3 * 5);
}

TEST_F(Bodies, CostNoMemoryAndHaveNoName) {
  const auto server = serve();
  const pid_t worker = server->workers().front();
  const std::string body = noise(std::size_t{9} << 20);
  const std::string bytes = request("POST", "/view", {}, body);
  const std::size_t files = open_files(worker);
  EXPECT_EQ(fetch(server->address(), "POST", "/view", {}, "warm").status, 200);
  ASSERT_TRUE(becomes_true([&] { return open_files(worker) == files; }));
  const uint64_t before = anonymous_memory(worker);

  HttpClient client(server->address());
  client.send(std::string_view(bytes).substr(0, bytes.size() - 1));
  ASSERT_TRUE(becomes_true([&] { return open_files(worker) == files + 2; }));  // and the socket
  EXPECT_TRUE(std::filesystem::is_empty(temp_.path()));
  client.send(std::string_view(bytes).substr(bytes.size() - 1));
  EXPECT_EQ(client.receive()->body, told(body));
  EXPECT_TRUE(becomes_true([&] { return open_files(worker) == files + 1; }));
  const uint64_t slack = times_count() ? 1024 : 6000;  // KiB
  EXPECT_LT(anonymous_memory(worker), before + slack);
}

TEST_F(Bodies, OfClientsThatLeaveAreClosed) {
  const auto server = serve({"--body-timeout", "1h"});
  const pid_t worker = server->workers().front();
  const std::size_t before = open_files(worker);
  const std::string half =
      "POST /view HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\n" + noise(500000);
  {
    std::vector<std::unique_ptr<HttpClient>> clients;
    for (int i = 0; i < 10; ++i)
      clients.emplace_back(std::make_unique<HttpClient>(server->address()))->send(half);
    ASSERT_TRUE(becomes_true([&] { return open_files(worker) == before + 20; }))
        << open_files(worker);
  }
  EXPECT_TRUE(becomes_true([&] { return open_files(worker) == before; })) << open_files(worker);
}

TEST_F(Bodies, AreHeldToTheLimitOfTheirRoute) {
  const auto server = serve({"--limit-request-body", "1MiB"});
  struct Case {
    const char* target;
    std::size_t size;
    int status;
  };
  const Case cases[] = {{"/view", 1 << 20, 200},     {"/view", (1 << 20) + 1, 413},
                        {"/small", 1024, 200},       {"/small", 1025, 413},
                        {"/large", 20UL << 20, 200}, {"/large", (64UL << 20) + 1, 413}};
  for (const Case& row : cases) {
    SCOPED_TRACE(std::string(row.target) + " " + std::to_string(row.size));
    const std::string body(row.size, 'x');
    const bool huge = row.size > 64UL << 20;  // told by its length alone
    HttpClient by_length(server->address());
    by_length.send(huge ? "POST " + std::string(row.target) +
                              " HTTP/1.1\r\nHost: test\r\nContent-Length: " +
                              std::to_string(row.size) + "\r\n\r\n"
                        : request("POST", row.target, {}, body));
    EXPECT_EQ(by_length.receive()->status, row.status);
    if (huge) continue;
    HttpClient in_chunks(server->address());
    in_chunks.send(chunked(row.target, body, 65536));
    const auto response = in_chunks.receive();
    ASSERT_TRUE(response) << to_string(response.error());
    EXPECT_EQ(response->status, row.status);
  }
  EXPECT_EQ(tallies()["large_bodies"], 5);
  EXPECT_NE(status().out.find("limits       5 large_bodies"), std::string::npos) << status().out;
}

TEST_F(Bodies, AreFormsWithFieldsAndFiles) {
  const auto server = serve();
  const std::string multipart =
      "--XX\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA cat\r\n"
      "--XX\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"C:\\me\\cat.png\"\r\n"
      "Content-Type: image/png\r\n\r\n" +
      noise(100000) + "\r\n--XX--\r\n";
  EXPECT_EQ(fetch(server->address(), "POST", "/form",
                  {{"Content-Type", "multipart/form-data; boundary=XX"}}, multipart)
                .body,
            R"({"fields":[["title","A cat"]],"files":[["picture","cat.png","image/png",100000]]})");
  const Fields urlencoded = {{"Content-Type", "application/x-www-form-urlencoded"}};
  EXPECT_EQ(fetch(server->address(), "POST", "/form", urlencoded, "a=1&b=x+y%21").body,
            R"({"fields":[["a","1"],["b","x y!"]],"files":[]})");
  EXPECT_EQ(fetch(server->address(), "POST", "/form", {{"Content-Type", "text/plain"}}, "a").status,
            415);
  EXPECT_EQ(fetch(server->address(), "POST", "/form",
                  {{"Content-Type", "multipart/form-data; boundary=XX"}}, "--XX\r\nrubbish")
                .status,
            400);
}

TEST_F(Bodies, WithoutAFolderAreAnswered503AndTheReasonIsLogged) {
  const auto server = serve({"--body-temp-dir", "/nonexistent"});
  const pid_t worker = server->workers().front();
  const std::size_t before = open_files(worker);
  for (int i = 0; i < 3; ++i) {
    HttpClient client(server->address());
    client.send(request("POST", "/view", {}, noise(1 << 20)));
    const auto response = client.receive();
    ASSERT_TRUE(response) << to_string(response.error());
    EXPECT_EQ(response->status, 503);
    EXPECT_EQ(response->field("Retry-After"), "1");
    EXPECT_EQ(response->body.find("nonexistent"), std::string::npos);
    EXPECT_TRUE(response->closes());
  }
  EXPECT_EQ(fetch(server->address(), "POST", "/view", {}, "small").status, 200);
  EXPECT_TRUE(server->log().wait_for("/nonexistent (body_temp_dir): No such file")) << "not logged";
  EXPECT_EQ(tallies()["no_temp_files"], 3);
  EXPECT_TRUE(becomes_true([&] { return open_files(worker) == before; }));
}

TEST_F(Bodies, InOtherCodingsAreRefusedAndBombsAre413) {
  const auto server = serve();
  const auto post = [&](const char* coding, const std::string& body) {
    return fetch(server->address(), "POST", "/view", {{"Content-Encoding", coding}}, body);
  };
  const HttpResponse brotli = post("br", "x");
  EXPECT_EQ(brotli.status, 415);
  EXPECT_EQ(brotli.field("Accept-Encoding"), "gzip");
  EXPECT_EQ(post("gzip", gzip(std::string(1 << 20, 'x'))).status, 413);
  EXPECT_EQ(post("gzip", "rubbish").status, 400);
  EXPECT_EQ(post("gzip", gzip("hello") + "more").status, 400);
}

// A client that makes progress all the time, but next to none.
TEST_F(Bodies, ThatTrickleAreAnswered408) {
  const auto server = serve({"--body-timeout", "300ms", "--min-request-rate", "10000"});
  HttpClient client(server->address(), 20ms);
  client.send("POST /view HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\n");
  const Deadline deadline(kPatience);
  auto response = client.receive();
  for (; !response && response.error() == Broken::Late && !deadline.passed();
       response = client.receive())
    client.send("x");
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(response->status, 408);
  EXPECT_EQ(tallies()["slow_bodies"], 1);
}

TEST_F(Bodies, TalliesOutliveTheWorkers) {
  const auto server = serve();
  const auto workers = server->workers();
  fetch(server->address(), "POST", "/small", {}, noise(2000));
  EXPECT_EQ(tallies()["large_bodies"], 1);
  server->signal(SIGHUP);
  ASSERT_TRUE(server->wait_for_workers(1, workers));
  ASSERT_TRUE(becomes_true([&] { return kill(workers.front(), 0) != 0; }));
  EXPECT_EQ(tallies()["large_bodies"], 1);
}

TEST(KeepAliveRequests, EndTheConnectionWithTheLastResponseAndLoseNothing) {
  const Site site;
  const ServerProcess server(site, {"serve", "--workers", "2", "--keepalive-requests", "3"});
  HttpClient client(server.address());
  for (int i = 1; i <= 3; ++i) {
    const auto response = client.exchange("GET", "/plain");
    ASSERT_TRUE(response) << to_string(response.error());
    EXPECT_EQ(response->closes(), i == 3);
  }
  EXPECT_TRUE(client.is_closed());
  Load load(server.address(), {.clients = 4});
  ASSERT_TRUE(load.wait_for_answers(1000));
  expect_no_loss(load.stop());
}

}  // namespace
}  // namespace tollgate::test
