// Files of a directory, over real sockets.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

// Bytes that tell their place.
std::string make_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  uint32_t state = 12345;
  for (char& c : bytes) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>(state >> 24);
  }
  return bytes;
}

class StaticFiles : public testing::Test {
 protected:
  const Site site_;
  const std::string root_ = [this] {
    const std::string path = site_.directory() / "www";
    std::filesystem::create_directories(path + "/css");
    write_file(path + "/large.bin", make_bytes(20 << 20));
    write_file(path + "/ten.txt", "0123456789");
    write_file(path + "/index.html", "<p>hello");
    write_file(path + "/css/a.css", "p {}");
    write_file(path + "/css/a.css.gz", "not really");
    return path;
  }();
  const ServerProcess server_{site_, {"serve", "--workers", "1", "--static", "/s/=" + root_}};
};

TEST_F(StaticFiles, ArriveWhole) {
  const std::string expected = read_file(root_ + "/large.bin");
  HttpClient client(server_.address());
  for (int i = 0; i < 3; ++i) {
    const auto response = client.exchange("GET", "/s/large.bin");
    ASSERT_TRUE(response) << to_string(response.error());
    EXPECT_EQ(response->field("content-type"), "application/octet-stream");
    EXPECT_TRUE(response->body == expected);
    EXPECT_EQ(client.exchange("GET", "/s/ten.txt")->body, "0123456789");
  }
}

TEST_F(StaticFiles, ArriveWholeAtASlowReader) {
  HttpClient slow(server_.address());
  slow.send(request("GET", "/s/large.bin") + request("GET", "/s/ten.txt"));
  // Much more than the kernel takes for a client that does not read; others are served meanwhile.
  for (int i = 0; i < 20; ++i) EXPECT_EQ(get(server_.address(), "/s/ten.txt").status, 200);
  const auto response = slow.receive();
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_TRUE(response->body == read_file(root_ + "/large.bin"));
  EXPECT_EQ(slow.receive()->body, "0123456789");
}

TEST_F(StaticFiles, ComeInPartsAndTheConnectionGoesOn) {
  HttpClient client(server_.address());
  const std::string large = read_file(root_ + "/large.bin");
  const auto part = client.exchange("GET", "/s/large.bin", {{"Range", "bytes=5000000-15000000"}});
  ASSERT_TRUE(part);
  EXPECT_EQ(part->status, 206);
  EXPECT_EQ(part->field("content-range"), "bytes 5000000-15000000/20971520");
  EXPECT_TRUE(part->body == large.substr(5'000'000, 10'000'001));

  const auto parts = client.exchange("GET", "/s/large.bin", {{"Range", "bytes=0-99999,-100000"}});
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->status, 206);
  const std::string type = parts->field("content-type");
  ASSERT_TRUE(type.starts_with("multipart/byteranges; boundary=")) << type;
  const std::string boundary = type.substr(type.find('=') + 1);
  const auto head = [&](std::string_view range) {
    return "--" + boundary + "\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes " +
           std::string(range) + "/20971520\r\n\r\n";
  };
  EXPECT_TRUE(parts->body == head("0-99999") + large.substr(0, 100'000) + "\r\n" +
                                 head("20871520-20971519") + large.substr(20'871'520) + "\r\n--" +
                                 boundary + "--\r\n");

  const auto none = client.exchange("GET", "/s/ten.txt", {{"Range", "bytes=10-"}});
  EXPECT_EQ(none->status, 416);
  EXPECT_EQ(none->field("content-range"), "bytes */10");
  EXPECT_EQ(client.exchange("GET", "/s/ten.txt")->body, "0123456789");
}

TEST_F(StaticFiles, HeadAndConditionsSendNoBody) {
  HttpClient client(server_.address());
  const auto head = client.exchange("HEAD", "/s/large.bin");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->field("content-length"), "20971520");
  const auto whole = client.exchange("GET", "/s/ten.txt");
  ASSERT_TRUE(whole);
  const auto same = client.exchange("GET", "/s/ten.txt", {{"If-None-Match", whole->field("etag")}});
  EXPECT_EQ(same->status, 304);
  EXPECT_EQ(same->field("etag"), whole->field("etag"));
  EXPECT_EQ(same->field("cache-control"), "no-cache");
  const auto since =
      client.exchange("GET", "/s/ten.txt", {{"If-Modified-Since", whole->field("last-modified")}});
  EXPECT_EQ(since->status, 304);
  EXPECT_EQ(client.exchange("GET", "/s/ten.txt", {{"If-Match", "\"x\""}})->status, 412);
  for (const char* name : {"etag", "last-modified", "content-type", "accept-ranges"})
    EXPECT_FALSE(client.exchange("HEAD", "/s/ten.txt")->field(name).empty()) << name;
  EXPECT_EQ(client.exchange("GET", "/s/ten.txt")->body, "0123456789");
}

TEST_F(StaticFiles, AreReachedByTheirPathsOnly) {
  EXPECT_EQ(get(server_.address(), "/s/").body, "<p>hello");
  EXPECT_EQ(get(server_.address(), "/s").field("location"), "/s/");
  EXPECT_EQ(get(server_.address(), "/s/css?x=1").field("location"), "/s/css/?x=1");
  EXPECT_EQ(get(server_.address(), "/s/css/").status, 404);
  EXPECT_EQ(get(server_.address(), "/s/css/%61.css").body, "p {}");
  const HttpResponse gzip =
      get(server_.address(), "/s/css/a.css", {{"Accept-Encoding", "gzip, br"}});
  EXPECT_EQ(gzip.body, "not really");
  EXPECT_EQ(gzip.field("content-encoding"), "gzip");
  EXPECT_EQ(gzip.field("vary"), "Accept-Encoding");
  write_file(site_.directory() / "secret", "secret");
  struct {
    const char* target;
    int status;
  } const rows[] = {
      {"/s/../secret", 400},      {"/s/%2e%2e/secret", 400},
      {"/s/..%2fsecret", 400},    {"/s/css/%2e%2e/%2e%2e/secret", 400},
      {"/s/ten.txt%00", 400},     {"/s//etc/passwd", 404},
      {"/s/..\\secret", 400},     {"/s/.env", 404},
      {"/s/ten.txt/", 404},       {"/s/%252e%252e/secret", 404},
      {"/s/css/../ten.txt", 400},
  };
  for (const auto& row : rows)
    EXPECT_EQ(get(server_.address(), row.target).status, row.status) << row.target;
  const HttpResponse refused = fetch(server_.address(), "POST", "/s/ten.txt", {}, "x");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.field("allow"), "GET, HEAD, OPTIONS");
  // No token is looked at, not even a bad one.
  EXPECT_EQ(get(server_.address(), "/s/ten.txt", bearer("nonsense")).status, 200);
}

TEST_F(StaticFiles, ThatBecomeShorterWhileTheyAreSentAbortTheConnection) {
  HttpClient client(server_.address());
  client.send(request("GET", "/s/large.bin"));
  char first = 0;
  ASSERT_EQ(recv(client.fd(), &first, 1, MSG_PEEK), 1);  // it has begun
  ASSERT_EQ(truncate((root_ + "/large.bin").c_str(), 1000), 0);
  const auto response = client.receive();
  ASSERT_FALSE(response);
  EXPECT_TRUE(response.error() == Broken::Reset || response.error() == Broken::Short)
      << to_string(response.error());
  EXPECT_TRUE(server_.log().wait_for("shorter"));
  EXPECT_EQ(get(server_.address(), "/s/ten.txt").status, 200);
}

TEST(StaticFilesOfAnApplication, GiveWayToItsRoutes) {
  const Site site;
  write_file(site.directory() / "route", "the file\n");
  write_file(site.directory() / "other", "the other\n");
  Command command = site.server({"serve", "--workers", "1", TEST_APPLICATIONS "/libtest_files.so"});
  command.environment.push_back("FILES=" + site.directory().path());
  const ServerProcess server(command);
  EXPECT_EQ(get(server.address(), "/files/route").body, "the route\n");
  EXPECT_EQ(get(server.address(), "/files/").body, "the page\n");
  EXPECT_EQ(get(server.address(), "/files/other").body, "the other\n");
}

TEST(StaticFilesSettings, ThatCannotWorkRefuseTheStart) {
  const Site site;
  struct {
    std::vector<std::string> values;
    const char* sentence;
  } const rows[] = {
      {{"/s/"}, "--static: \"/s/\" is not of the form /url/=DIR"},
      {{"s/=/tmp"}, "names no path that begins and ends with a slash"},
      {{"/s=/tmp"}, "names no path that begins and ends with a slash"},
      {{"/s/="}, "names no directory"},
      {{"/{id}/=/tmp"}, "names a path that no request can have"},
      {{"/s/=/tmp", "/s/=/var"}, "\"/s/\" stands for two directories"},
      {{"/s/=/nowhere"}, "static files of /s/: /nowhere: No such file or directory"},
      {{"/s/=/etc/passwd"}, "static files of /s/: /etc/passwd: Not a directory"},
  };
  for (const auto& row : rows)
    for (const char* name : {"serve", "check"}) {
      std::vector<std::string> line = {name};
      for (const std::string& value : row.values) line.insert(line.end(), {"--static", value});
      const Finished ended = run(site.server(line));
      EXPECT_EQ(ended.status.code, 78) << row.sentence << ended.err;
      EXPECT_NE(ended.err.find(row.sentence), std::string::npos) << ended.err;
    }
}

TEST(StaticFilesSettings, ThatCannotWorkLeaveAReloadUndone) {
  const Site site;
  const std::string file = site.directory() / "tollgate.toml";
  const auto write = [&](const std::string& directory) {
    write_file(file, "static_files = [\"/s/=" + directory + "\"]\n");
  };
  write_file(site.directory() / "a.txt", "a");
  write(site.directory().path());
  const ServerProcess server(site, {"serve", "--workers", "1", "--config", file});
  EXPECT_EQ(get(server.address(), "/s/a.txt").body, "a");
  std::size_t mark = server.log().mark();
  write("/nowhere");
  server.signal(SIGHUP);
  EXPECT_TRUE(server.log().wait_for("is abandoned", mark)) << server.log().text();
  EXPECT_EQ(get(server.address(), "/s/a.txt").body, "a");
  std::filesystem::create_directory(site.directory() / "new");
  write_file(site.directory() / "new/b.txt", "b");
  write(site.directory() / "new");
  mark = server.log().mark();
  server.signal(SIGHUP);
  ASSERT_TRUE(server.log().wait_for("reload: done", mark)) << server.log().text();
  EXPECT_EQ(get(server.address(), "/s/b.txt").body, "b");
}

}  // namespace
}  // namespace tollgate::test
