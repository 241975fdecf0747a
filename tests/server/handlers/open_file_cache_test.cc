// What is held open, and what happens when nothing more can be opened.
// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/open_file_cache.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "server/log/logging.h"
#include "tests/server/handlers/static_files_fixture.h"

namespace tollgate::handlers {
namespace {

namespace fs = std::filesystem;

// No file can be opened as long as it lives.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int lowest = ::open("/", O_PATH | O_CLOEXEC);
    ::close(lowest);
    const rlimit none = {.rlim_cur = static_cast<rlim_t>(lowest), .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(StaticFilesTest, WhatIsLeastUsedMakesRoomWhenNoDescriptorIsLeft) {
  for (const char* name : {"l1", "l2", "l3"})
    write_file(directory_ / name, std::string(100'000, 'x'));
  {
    const NoDescriptors none;
    EXPECT_EQ(ask("l1").status(), 503);
  }
  for (const char* name : {"l1", "l2"}) EXPECT_EQ(ask(name).status(), 200);
  const NoDescriptors none;
  EXPECT_EQ(ask("l3").status(), 200) << "in the place of l1";
  EXPECT_EQ(ask("l2").status(), 200);
}

TEST_F(StaticFilesTest, TheLogIsNotFloodedByWhoAsks) {
  fs::create_symlink("/etc/passwd", directory_ / "passwd");
  ASSERT_EQ(mkfifo((directory_ / "pipe").c_str(), 0644), 0);
  const test::TempDir logs;
  ASSERT_TRUE(log::configure(logs / "log", LogLevel::Info));
  for (int i = 0; i < 10; ++i)
    for (const char* path : {"passwd", "pipe"}) EXPECT_EQ(ask(path).status(), 404);
  {
    const NoDescriptors none;
    for (int i = 0; i < 10; ++i) EXPECT_EQ(ask("a.txt").status(), 503);
  }
  clock_.advance(60s);
  EXPECT_EQ(ask("pipe").status(), 404);
  ASSERT_TRUE(log::configure("-", LogLevel::Info));
  const std::string text = test::read_file(logs / "log");
  EXPECT_EQ(std::ranges::count(text, '\n'), 3) << text;
  EXPECT_NE(text.find("[WARNING] static file passwd: not served, since a link leads out"),
            std::string::npos);
  EXPECT_NE(text.find("[ERROR] static file a.txt: Too many open files"), std::string::npos) << text;
  EXPECT_NE(text.find("pipe: not served, since it is no regular file (and 19 more"),
            std::string::npos)
      << text;
}

class OpenFileCacheTest : public StaticFilesTest {
 protected:
  std::unique_ptr<OpenFileCache> make(OpenFileCache::Limits limits) {
    auto beneath = Beneath::open(directory_.path());
    return std::make_unique<OpenFileCache>(
        StaticFileLoader(std::move(beneath).value(), "", types_, clock_), clock_, limits);
  }
};

TEST_F(OpenFileCacheTest, ForgetsWhatIsLeastUsed) {
  const auto cache = make({.entries = 2});
  for (const char* name : {"b", "c"}) write_file(directory_ / name, name);
  const auto a = cache->open("a.txt");
  ASSERT_TRUE(cache->open("b"));
  EXPECT_EQ(*cache->open("a.txt"), *a);  // the same object: nothing was opened
  ASSERT_TRUE(cache->open("c"));         // in the place of b
  EXPECT_EQ(cache->size(), 2U);
  EXPECT_EQ(*cache->open("a.txt"), *a);
  EXPECT_FALSE(cache->open("nothing"));
  EXPECT_EQ(cache->size(), 2U);
  clock_.advance(61s);
  ASSERT_TRUE(cache->open("b"));
  EXPECT_EQ(cache->size(), 1U) << "what nobody asks for is closed";
}

TEST_F(OpenFileCacheTest, ClosesWhatNobodyAsksForWhileAnotherFileIs) {
  const auto cache = make({});
  write_file(directory_ / "b", "b");
  ASSERT_TRUE(cache->open("b"));
  for (int i = 0; i < 5; ++i, clock_.advance(20s)) ASSERT_TRUE(cache->open("a.txt"));
  EXPECT_EQ(cache->size(), 1U);
}

TEST_F(OpenFileCacheTest, HoldsNoMoreDescriptorsThanItMay) {
  const auto cache = make({.descriptors = 2});
  for (const char* name : {"a", "b", "c", "c.br", "c.gz"})
    write_file(directory_ / name, std::string(100'000, 'x'));
  for (const char* name : {"a", "b", "a.txt"}) ASSERT_TRUE(cache->open(name));
  EXPECT_EQ(cache->descriptors(), 2U);
  EXPECT_EQ(cache->size(), 3U) << "small files are held without one";
  EXPECT_EQ((*cache->open("c"))->descriptors(), 3U);
  EXPECT_EQ(cache->descriptors(), 2U) << "what holds more than all is served and not kept";
  ASSERT_TRUE(cache->open("c.br"));
  EXPECT_EQ(cache->descriptors(), 2U);
  fs::remove(directory_ / "c.br");
  clock_.advance(1s);
  EXPECT_FALSE(cache->open("c.br"));
  EXPECT_EQ(cache->descriptors(), 1U);
}

TEST_F(OpenFileCacheTest, AllTogetherHaveAQuarterOfTheProcesssDescriptors) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low = {.rlim_cur = 240, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(OpenFileCache::share(1).descriptors, 60U);
  EXPECT_EQ(OpenFileCache::share(3).descriptors, 20U);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

}  // namespace
}  // namespace tollgate::handlers
