// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/static_files.h"

#include <fmt/format.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <filesystem>

#include "server/http/date.h"
#include "server/middleware/compress.h"
#include "tests/server/handlers/static_files_fixture.h"

namespace tollgate::handlers {
namespace {

namespace fs = std::filesystem;

TEST_F(StaticFilesTest, SaysWhatACacheAndABrowserNeed) {
  set_modified("a.txt", 784111777);
  const Response response = ask("a.txt");
  EXPECT_EQ(response.status(), 200);
  EXPECT_EQ(body_of(response), "0123456789");
  EXPECT_EQ(field(response, "Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(field(response, "Last-Modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(field(response, "Accept-Ranges"), "bytes");
  EXPECT_EQ(field(response, "Cache-Control"), "no-cache");
  EXPECT_EQ(field(response, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(field(response, "ETag").front(), '"');
  EXPECT_EQ(field(response, "Vary"), "");
  files_ = open("");
  EXPECT_EQ(ask("a.txt").header("Cache-Control"), nullptr);
}

TEST_F(StaticFilesTest, WhatMayNotBeSeenIsNotFound) {
  fs::create_directories(directory_ / ".git");
  write_file(directory_ / ".git/config", "secret");
  write_file(directory_ / ".env", "secret");
  fs::create_directories(directory_ / "sub/.well-hidden");
  write_file(directory_ / "sub/.well-hidden/file", "secret");
  fs::create_symlink("/etc/passwd", directory_ / "passwd");
  fs::create_directory_symlink("/etc", directory_ / "etc");
  ASSERT_EQ(mkfifo((directory_ / "pipe").c_str(), 0644), 0);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (directory_ / "socket").copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  close(socket);
  for (const char* path : {"nothing",
                           "a.txt/",
                           "a.txt/b",
                           "..",
                           "../a.txt",
                           "sub/../a.txt",
                           "sub/..",
                           ".",
                           "./a.txt",
                           ".env",
                           ".git/config",
                           ".git/",
                           "sub/.well-hidden/file",
                           "passwd",
                           "etc/passwd",
                           "etc",
                           "pipe",
                           "socket",
                           "//etc/passwd",
                           "/etc/passwd",
                           "sub//a",
                           "sub/",
                           "",
                           "%2e%2e/a.txt",
                           "a.txt%00",
                           "..\\a.txt"}) {
    const Response response = ask(path);
    EXPECT_EQ(response.status(), 404) << path;
    EXPECT_EQ(response.body(), R"({"detail":"Not found."})") << path;
  }
  EXPECT_EQ(ask(std::string(5000, 'x')).status(), 404);
}

TEST_F(StaticFilesTest, LinksThatStayInsideAreFollowed) {
  fs::create_directories(directory_ / "sub");
  fs::create_symlink("../a.txt", directory_ / "sub/link.txt");
  EXPECT_EQ(body_of(ask("sub/link.txt")), "0123456789");
}

TEST_F(StaticFilesTest, UnreadableFilesLookAsIfTheyWereMissing) {
  ASSERT_EQ(chmod(directory_.path().c_str(), 0755), 0);
  ASSERT_EQ(chmod((directory_ / "a.txt").c_str(), 0), 0);
  // Root may read everything; then the thread looks at files as somebody else.
  const auto before = static_cast<uid_t>(setfsuid(geteuid() == 0 ? 65534 : geteuid()));
  EXPECT_EQ(ask("a.txt").status(), 404);
  EXPECT_EQ(ask("a.txt").body(), ask("nothing").body());
  setfsuid(before);
}

TEST_F(StaticFilesTest, DirectoriesHaveAnIndexOrNothing) {
  fs::create_directories(directory_ / "sub/index.html");
  EXPECT_EQ(ask("").status(), 404);
  write_file(directory_ / "index.html", "<p>hello");
  EXPECT_EQ(body_of(ask("")), "<p>hello");
  EXPECT_EQ(field(ask(""), "Content-Type"), "text/html; charset=utf-8");
  const Response redirect = ask("sub");
  EXPECT_EQ(redirect.status(), 301);
  EXPECT_EQ(field(redirect, "Location"), "/static/sub/?v=1");
  EXPECT_EQ(ask("sub/").status(), 404);  // its index.html is a directory
}

TEST_F(StaticFilesTest, ConditionsAreMet) {
  set_modified("a.txt", 784111777);
  const std::string tag = field(ask("a.txt"), "ETag");
  const Response unchanged = ask("a.txt", {{"If-None-Match", tag}});
  EXPECT_EQ(unchanged.status(), 304);
  EXPECT_EQ(field(unchanged, "ETag"), tag);
  EXPECT_EQ(field(unchanged, "Cache-Control"), "no-cache");
  EXPECT_EQ(body_of(unchanged), "");
  EXPECT_EQ(ask("a.txt", {{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"}}).status(), 304);
  EXPECT_EQ(ask("a.txt", {{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"}}).status(), 200);
  EXPECT_EQ(ask("a.txt", {{"If-None-Match", tag}}, Method::Head).status(), 304);
  EXPECT_EQ(ask("a.txt", {{"If-Match", "\"x\""}}).status(), 412);
  EXPECT_EQ(ask("a.txt", {{"If-Match", tag}}).status(), 200);
}

TEST_F(StaticFilesTest, NothingWasModifiedInTheFuture) {
  set_modified("a.txt", 4102444799);  // 2099
  const std::string date = field(ask("a.txt"), "Last-Modified");
  EXPECT_EQ(date, http::http_date(std::chrono::floor<std::chrono::seconds>(clock_.wall())));
  EXPECT_EQ(ask("a.txt", {{"If-Modified-Since", date}}).status(), 304);
}

TEST_F(StaticFilesTest, PartsAreSentAsAsked) {
  const Response one = ask("a.txt", {{"Range", "bytes=2-4"}});
  EXPECT_EQ(one.status(), 206);
  EXPECT_EQ(field(one, "Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(body_of(one), "234");
  EXPECT_EQ(field(one, "Content-Type"), "text/plain; charset=utf-8");

  const Response two = ask("a.txt", {{"Range", "bytes=8-,0-1"}});
  EXPECT_EQ(two.status(), 206);
  EXPECT_EQ(two.header("Content-Range"), nullptr);
  const std::string type = field(two, "Content-Type");
  ASSERT_TRUE(type.starts_with("multipart/byteranges; boundary=")) << type;
  const std::string boundary = type.substr(type.find('=') + 1);
  EXPECT_EQ(body_of(two), "--" + boundary +
                              "\r\nContent-Type: text/plain; charset=utf-8\r\n"
                              "Content-Range: bytes 8-9/10\r\n\r\n89\r\n--" +
                              boundary +
                              "\r\nContent-Type: text/plain; charset=utf-8\r\n"
                              "Content-Range: bytes 0-1/10\r\n\r\n01\r\n--" +
                              boundary + "--\r\n");
  const std::string again = field(ask("a.txt", {{"Range", "bytes=8-,0-1"}}), "Content-Type");
  EXPECT_NE(again, type) << "the boundary can be guessed";

  const Response none = ask("a.txt", {{"Range", "bytes=10-"}});
  EXPECT_EQ(none.status(), 416);
  EXPECT_EQ(field(none, "Content-Range"), "bytes */10");
}

TEST_F(StaticFilesTest, RangesAreIgnoredWhereTheyDoNotApply) {
  const std::string tag = field(ask("a.txt"), "ETag");
  EXPECT_EQ(ask("a.txt", {{"Range", "bytes=2-4"}}, Method::Head).status(), 200);
  EXPECT_EQ(ask("a.txt", {{"Range", "lines=2-4"}}).status(), 200);
  EXPECT_EQ(ask("a.txt", {{"Range", "bytes=2-4"}, {"Range", "bytes=2-4"}}).status(), 200);
  EXPECT_EQ(ask("a.txt", {{"Range", "bytes=2-4"}, {"If-Range", tag}}).status(), 206);
  EXPECT_EQ(ask("a.txt", {{"Range", "bytes=2-4"}, {"If-Range", "\"old\""}}).status(), 200);
  EXPECT_EQ(ask("a.txt", {{"Range", "bytes=20-"}, {"If-Range", "\"old\""}}).status(), 200);
  EXPECT_EQ(ask("a.txt", {{"Range", "bytes=2-4"}, {"If-None-Match", tag}}).status(), 304);
}

TEST_F(StaticFilesTest, CompressedSiblingsAreChosenByTheClient) {
  write_file(directory_ / "a.txt.gz", "gzipped");
  write_file(directory_ / "a.txt.br", "brotlied");
  set_modified("a.txt", 1000);
  set_modified("a.txt.gz", 1000);
  set_modified("a.txt.br", 1001);
  const Response plain = ask("a.txt");
  EXPECT_EQ(body_of(plain), "0123456789");
  EXPECT_EQ(field(plain, "Vary"), "Accept-Encoding");
  EXPECT_EQ(plain.header("Content-Encoding"), nullptr);

  const Response gzip = ask("a.txt", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(body_of(gzip), "gzipped");
  EXPECT_EQ(field(gzip, "Content-Encoding"), "gzip");
  EXPECT_EQ(field(gzip, "Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(field(gzip, "Vary"), "Accept-Encoding");
  const Response brotli = ask("a.txt", {{"Accept-Encoding", "gzip, br"}});
  EXPECT_EQ(body_of(brotli), "brotlied");
  EXPECT_NE(field(gzip, "ETag"), field(plain, "ETag"));
  EXPECT_NE(field(gzip, "ETag"), field(brotli, "ETag"));

  const Response part = ask("a.txt", {{"Accept-Encoding", "gzip"}, {"Range", "bytes=4-"}});
  EXPECT_EQ(body_of(part), "ped");
  EXPECT_EQ(field(part, "Content-Range"), "bytes 4-6/7");
  EXPECT_EQ(field(part, "Content-Encoding"), "gzip");
  const Response same =
      ask("a.txt", {{"Accept-Encoding", "gzip"}, {"If-None-Match", field(gzip, "ETag")}});
  EXPECT_EQ(same.status(), 304);
  EXPECT_EQ(field(same, "Vary"), "Accept-Encoding");

  set_modified("a.txt", 1001);  // now the .gz is of an older content
  clock_.advance(2s);
  EXPECT_EQ(body_of(ask("a.txt", {{"Accept-Encoding", "gzip"}})), "0123456789");
  EXPECT_EQ(body_of(ask("a.txt", {{"Accept-Encoding", "gzip, br"}})), "brotlied");
  fs::remove(directory_ / "a.txt.br");
  clock_.advance(2s);
  EXPECT_EQ(body_of(ask("a.txt", {{"Accept-Encoding", "br"}})), "0123456789");
  EXPECT_EQ(ask("a.txt").header("Vary"), nullptr);
  EXPECT_EQ(field(ask("a.txt.gz"), "Content-Encoding"), "");
}

TEST_F(StaticFilesTest, AChangeIsSeenWithinASecondAndNotLookedForBefore) {
  EXPECT_EQ(body_of(ask("a.txt")), "0123456789");
  const std::string tag = field(ask("a.txt"), "ETag");
  write_file(directory_ / "new", "another");
  fs::rename(directory_ / "new", directory_ / "a.txt");
  clock_.advance(999ms);
  EXPECT_EQ(body_of(ask("a.txt")), "0123456789");
  clock_.advance(1ms);
  EXPECT_EQ(body_of(ask("a.txt")), "another");
  EXPECT_NE(field(ask("a.txt"), "ETag"), tag);
  EXPECT_EQ(ask("a.txt", {{"If-None-Match", tag}}).status(), 200);

  // In place, of the same size and with the same date, as a tool may do it.
  set_modified("a.txt", 1000);
  clock_.advance(1s);
  EXPECT_EQ(body_of(ask("a.txt")), "another");
  write_file(directory_ / "a.txt", "ANOTHER");
  set_modified("a.txt", 1000);
  clock_.advance(1s);
  EXPECT_EQ(body_of(ask("a.txt")), "ANOTHER");

  fs::remove(directory_ / "a.txt");
  clock_.advance(1s);
  EXPECT_EQ(ask("a.txt").status(), 404);
  write_file(directory_ / "a.txt", "back");
  EXPECT_EQ(body_of(ask("a.txt")), "back");  // what is missing is not remembered
}

TEST_F(StaticFilesTest, SmallFilesAreHeldOnceTheyAreSettled) {
  EXPECT_TRUE(is_held(ask("a.txt")));
  write_file(directory_ / "large", std::string(100'000, 'x'));
  const Response large = ask("large");
  EXPECT_FALSE(is_held(large));
  EXPECT_EQ(body_of(large), std::string(100'000, 'x'));
  EXPECT_EQ(body_of(ask("large", {{"Range", "bytes=-3"}})), "xxx");

  // Changed a moment ago, by a clock that goes with the system's.
  tests::ManualClock now;
  now.advance(std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now() - now.wall()));
  write_file(directory_ / "young", "y");
  auto files = StaticFiles::open(directory_.path(), "", types_, now, {});
  http::RequestParts parts;
  parts.method = Method::Get;
  const http::Request request(parts);
  EXPECT_FALSE(is_held((*files)->serve(request, "young")));
  now.advance(10s);
  EXPECT_TRUE(is_held((*files)->serve(request, "young")));
}

TEST_F(StaticFilesTest, AnEmptyFileIsOne) {
  write_file(directory_ / "empty.txt", "");
  EXPECT_EQ(ask("empty.txt").status(), 200);
  EXPECT_EQ(size_of(ask("empty.txt").content()), 0U);
  EXPECT_EQ(ask("empty.txt", {{"Range", "bytes=0-"}}).status(), 416);
}

TEST_F(StaticFilesTest, TheirContentIsLeftToThem) {
  write_file(directory_ / "page.html", std::string(4000, 'x'));
  const std::vector<FieldView> gzip = {{"Accept-Encoding", "gzip"}};
  Response plain = ask("page.html", gzip);
  ASSERT_TRUE(is_held(plain));
  const std::string tag = field(plain, "ETag");
  http::RequestParts parts;
  parts.fields = gzip;
  middleware::Compressor().finish(http::Request(parts), plain);
  EXPECT_EQ(field(plain, "Content-Encoding"), "");
  EXPECT_EQ(field(plain, "Vary"), "");
  EXPECT_EQ(field(plain, "ETag"), tag);
  EXPECT_EQ(body_of(plain), std::string(4000, 'x'));
}

TEST_F(StaticFilesTest, TagsTellBytesApartThatHaveOneDate) {
  set_modified("a.txt", 1000);
  const std::string first = field(ask("a.txt"), "ETag");
  const auto before = inode_of("a.txt");
  write_file(directory_ / "a.txt", "9876543210");
  set_modified("a.txt", 1000);
  ASSERT_EQ(inode_of("a.txt"), before);
  clock_.advance(1s);
  EXPECT_NE(field(ask("a.txt"), "ETag"), first);
  EXPECT_EQ(ask("a.txt", {{"If-None-Match", first}}).status(), 200);
  EXPECT_EQ(first.size(), 18U) << first;
  EXPECT_EQ(first.find(fmt::format("{:x}", before)), std::string::npos) << "says the inode";
}

TEST_F(StaticFilesTest, WhatNobodyCouldLookAtIsNotSaidToBeMissing) {
  const std::pair<int, NoFile> cases[] = {
      {ENOENT, NoFile::Missing}, {ENOTDIR, NoFile::Missing}, {ENAMETOOLONG, NoFile::Missing},
      {EACCES, NoFile::Missing}, {EPERM, NoFile::Missing},   {ENXIO, NoFile::Missing},
      {ELOOP, NoFile::Missing},  {EXDEV, NoFile::Missing},   {EISDIR, NoFile::Directory},
      {EIO, NoFile::Failed},     {ESTALE, NoFile::Failed},   {ENOTCONN, NoFile::Failed},
      {EAGAIN, NoFile::Failed},  {EMFILE, NoFile::Failed},   {ENFILE, NoFile::Failed},
      {ENOMEM, NoFile::Failed},  {ETIMEDOUT, NoFile::Failed}};
  for (const auto& [error, why] : cases) EXPECT_EQ(why_none(error), why) << error;
}

}  // namespace
}  // namespace tollgate::handlers
