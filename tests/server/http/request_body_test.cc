// SPDX-License-Identifier: Apache-2.0
#include "server/http/request_body.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <csignal>
#include <filesystem>

#include "tests/server/http/gzip.h"
#include "tests/server/os/temporary_folder.h"

namespace tollgate::http {
namespace {

using Fault = RequestBody::Fault;
using tests::gzip;

// Bytes that do not compress well, and differ wherever one looks.
std::string noise(std::size_t size) {
  std::string out;
  uint32_t state = 1;
  while (out.size() < size) {
    state = state * 1664525 + 1013904223;
    out += static_cast<char>(state >> 24);
  }
  return out;
}

// Fed in pieces of that size; what came out first.
Fault feed(RequestBody& body, std::string_view bytes, std::size_t piece) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
    if (const Fault fault = body.append(bytes.substr(0, piece)); fault != Fault::None) return fault;
  return body.finish();
}

std::string read_all(const RequestBody& body) {
  BodyReader reader(body);
  std::array<char, 7> room;
  std::string out;
  for (;;) {
    const auto got = reader.read(room);
    EXPECT_TRUE(got) << got.error().message;
    if (!got || *got == 0) return out;
    out.append(room.data(), *got);
  }
}

TEST(RequestBody, IsWhatCameHoweverItCameAndWhereverItWent) {
  const TemporaryFolder folder;
  const std::string directory = folder.file("");
  constexpr uint64_t kBuffer = 100;
  for (const std::size_t size :
       {0UL, 1UL, kBuffer - 1, kBuffer, kBuffer + 1, 2 * kBuffer, 9999UL}) {
    for (const std::size_t piece : {1UL, 7UL, 100000UL}) {
      SCOPED_TRACE(std::to_string(size) + " bytes by " + std::to_string(piece));
      const std::string sent = noise(size);
      RequestBody body;
      body.begin({.limit = size, .buffer = kBuffer, .temp_dir = directory.c_str()});
      ASSERT_EQ(feed(body, sent, piece), Fault::None);
      EXPECT_EQ(body.in_file(), size > kBuffer);
      EXPECT_EQ(body.size(), size);
      EXPECT_EQ(body.view(), sent);
      EXPECT_EQ(read_all(body), sent);
      EXPECT_TRUE(std::filesystem::is_empty(directory));  // its file has no name
      body.reset();
      EXPECT_FALSE(body.in_file());
      EXPECT_EQ(body.view(), "");
    }
  }
}

TEST(RequestBody, MayGoToAFileAtOnce) {
  RequestBody body;
  body.begin({.buffer = 0});
  ASSERT_EQ(feed(body, "x", 1), Fault::None);
  EXPECT_TRUE(body.in_file());
  EXPECT_EQ(body.view(), "x");
}

TEST(RequestBody, IsTooLargeByOneByte) {
  for (const uint64_t buffer : {uint64_t{5}, UINT64_MAX}) {
    for (const std::size_t piece : {1UL, 11UL}) {
      RequestBody body;
      body.begin({.limit = 10, .buffer = buffer});
      EXPECT_EQ(feed(body, noise(11), piece), Fault::TooLarge);
    }
  }
}

TEST(RequestBody, SaysWhyThereIsNoFile) {
  RequestBody body;
  body.begin({.buffer = 1, .temp_dir = "/nonexistent/folder"});
  EXPECT_EQ(feed(body, "xy", 1), Fault::NoFile);
  EXPECT_NE(body.error().find("/nonexistent/folder (body_temp_dir)"), std::string::npos)
      << body.error();
  EXPECT_NE(body.error().find("ENOENT"), std::string::npos) << body.error();
}

// As on a disk that is full, but in a way that is at hand: a limit on the size of files.
TEST(RequestBody, SaysWhyAWriteFailed) {
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{.rlim_cur = 1000, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  RequestBody body;
  body.begin({.buffer = 10});
  const Fault fault = feed(body, noise(5000), 300);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(fault, Fault::NoFile);
  EXPECT_NE(body.error().find("EFBIG"), std::string::npos) << body.error();
}

TEST(RequestBody, KeepsTheMemoryOfASmallBodyOnly) {
  RequestBody body;
  feed(body, noise(1000), 1000);
  const char* const memory = body.view().data();
  body.reset();
  feed(body, noise(1000), 1000);
  EXPECT_EQ(body.view().data(), memory);
}

struct GzipCase {
  const char* name;
  std::string sent;
  Fault fault;
  std::string view = {};
};

class GzipBody : public testing::TestWithParam<GzipCase> {};

TEST_P(GzipBody, IsInflatedAsItComes) {
  for (const std::size_t piece : {1UL, 3UL, 1000000UL}) {
    SCOPED_TRACE(piece);
    RequestBody body;
    body.begin({.limit = 1 << 20, .buffer = 1000, .inflation = 100});
    ASSERT_EQ(feed(body, GetParam().sent, piece), GetParam().fault);
    if (GetParam().fault != Fault::None) continue;
    EXPECT_EQ(body.view(), GetParam().view);
  }
}

const std::string kHello = gzip("hello");
std::string with_byte(std::string text, std::size_t at, char byte) {
  text.at(at) = byte;
  return text;
}
std::string many_empty_members() {
  std::string out;
  while (out.size() <= std::size_t{1} << 20) out += gzip("");
  return out;
}

INSTANTIATE_TEST_SUITE_P(
    , GzipBody,
    testing::Values(
        GzipCase{"Small", kHello, Fault::None, "hello"}, GzipCase{"Nothing", "", Fault::None, ""},
        GzipCase{"ToAFile", gzip(noise(50000)), Fault::None, noise(50000)},
        GzipCase{"ThousandfoldWhileSmall", gzip(std::string(65536, 'x')), Fault::None,
                 std::string(65536, 'x')},
        GzipCase{"TwoMembers", kHello + gzip(" world"), Fault::None, "hello world"},
        GzipCase{"ABomb", gzip(std::string(200000, 'x')), Fault::TooLarge},
        GzipCase{"ABombInMembers", gzip(std::string(60000, 'x')) + gzip(std::string(60000, 'x')),
                 Fault::TooLarge},
        GzipCase{"LargerThanTheLimit", gzip(noise((1 << 20) + 1)), Fault::TooLarge},
        GzipCase{"MembersOfNothingForEver", many_empty_members(), Fault::TooLarge},
        GzipCase{"Truncated", kHello.substr(0, kHello.size() - 1), Fault::Corrupt},
        GzipCase{"OnlyAHead", kHello.substr(0, 10), Fault::Corrupt},
        GzipCase{"GarbageBehind", kHello + "x", Fault::Corrupt},
        GzipCase{"HalfAMemberBehind", kHello + "\x1f\x8b", Fault::Corrupt},
        GzipCase{"ZerosBehind", kHello + std::string(8, '\0'), Fault::Corrupt},
        GzipCase{"NoGzip", "hello, this is plain text", Fault::Corrupt},
        GzipCase{"AWrongChecksum", with_byte(kHello, kHello.size() - 6, '!'), Fault::Corrupt},
        GzipCase{"AWrongLength", with_byte(kHello, kHello.size() - 1, '!'), Fault::Corrupt}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace tollgate::http
