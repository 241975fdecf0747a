// The requests of tests/data/http, one file each, named by the rule that it is about.
//
//   valid/X.http    with X.json, an array: what is to be read, of each request the members named
//   invalid/X.http  with X.status: the status, then how many requests are read before it
//
// Each is fed whole, byte by byte, and split at every position: always the
// same is read, up to the reason of a refusal. The limits are the defaults,
// but for the body, of which 1024 bytes are allowed.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "server/base/text.h"
#include "server/http/parser.h"

namespace tollgate::http {
namespace {

using Json = nlohmann::ordered_json;
using Pieces = std::vector<std::string_view>;

constexpr Limits kLimits{.body = 1024};
// A file up to this size is split at every position; a longer one at 200 of them.
constexpr std::size_t kShort = 400;

const std::filesystem::path kFolder = std::filesystem::path(TEST_DATA) / "http";

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// The names of the files, without their endings.
std::vector<std::string> names(const std::string& kind) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder / kind))
    if (entry.path().extension() == ".http") found.push_back(entry.path().stem());
  std::ranges::sort(found);
  return found;
}

// What came out of the parser.
struct Reading {
  Json requests = Json::array();
  bool unfinished = false;  // the last one lacks its end
  int status = 0;           // of what was refused
  std::string reason;

  bool operator==(const Reading&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Reading& reading) {
  return out << reading.requests << (reading.unfinished ? ", unfinished, " : ", ") << reading.status
             << " " << reading.reason;
}

// As JSON text cannot hold them: bytes that are no UTF-8 become the code points of Latin-1.
std::string latin1(std::string_view bytes) {
  if (is_utf8(bytes)) return std::string(bytes);
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) out += static_cast<char>(0xC0 | (byte >> 6));
    out += static_cast<char>(byte >= 0x80 ? 0x80 | (byte & 0x3F) : byte);
  }
  return out;
}

Json to_json(const RequestParts& request, const Parser& parser, bool expects_continue) {
  Json fields = Json::array();
  for (const FieldView& field : request.fields)
    fields.push_back({latin1(field.name), latin1(field.value)});
  Json result = {{"method", request.method_text},
                 {"target", latin1(request.target)},
                 {"path", request.path},
                 {"query", request.query},
                 {"minor", request.version_minor},
                 {"fields", fields},
                 {"chunked", request.chunked},
                 {"body", latin1(request.body.view())},
                 {"keep_alive", parser.keep_alive()},
                 {"expects_continue", expects_continue}};
  if (request.content_length) result["content_length"] = *request.content_length;
  return result;
}

// Feeds the pieces as a connection does: the gate is asked at the end of each
// head, and a message without a body ends there.
Reading feed(const Pieces& pieces) {
  Parser parser(kLimits);
  Exchange exchange;
  Reading reading;
  bool expects_continue = false;
  const auto take = [&](Parser::Step step) {
    if (step.outcome == Parser::Outcome::HeadEnd) {
      expects_continue = parser.expects_continue();
      if (!parser.expects_body()) step.outcome = parser.feed({}).outcome;
    }
    if (step.outcome == Parser::Outcome::MessageEnd) {
      reading.requests.push_back(to_json(exchange.request, parser, expects_continue));
      reading.unfinished = false;
    }
    return step.outcome != Parser::Outcome::Failed;
  };
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      if (!reading.unfinished) {
        piece.remove_prefix(parser.skip_empty_lines(piece));
        if (piece.empty()) break;
        exchange.reset();
        parser.start(exchange);
        reading.unfinished = true;
      }
      const Parser::Step step = parser.feed(piece);
      if (!take(step)) {
        reading.status = parser.status();
        reading.reason = parser.reason();
        reading.unfinished = false;
        return reading;
      }
      piece.remove_prefix(step.consumed);
    }
  }
  return reading;
}

// However it is split, what was read whole is read.
void expect_the_same_in_pieces(const std::string& bytes, const Reading& whole) {
  Pieces single;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    single.push_back(std::string_view(bytes).substr(i, 1));
  EXPECT_EQ(feed(single), whole) << "fed byte by byte";
  const std::size_t stride = bytes.size() <= kShort ? 1 : bytes.size() / 200;
  for (std::size_t at = 1; at < bytes.size(); at += stride) {
    const std::string_view view = bytes;
    ASSERT_EQ(feed({view.substr(0, at), view.substr(at)}), whole) << "split at " << at;
  }
}

class Valid : public testing::TestWithParam<std::string> {};

TEST_P(Valid, IsReadWholeAndInPieces) {
  const std::string bytes = read(kFolder / "valid" / (GetParam() + ".http"));
  const Json expected = Json::parse(read(kFolder / "valid" / (GetParam() + ".json")));
  const Reading whole = feed({bytes});
  EXPECT_EQ(whole.status, 0) << whole.reason;
  EXPECT_FALSE(whole.unfinished);
  ASSERT_EQ(whole.requests.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    for (const auto& [key, value] : expected[i].items())
      EXPECT_EQ(whole.requests[i].value(key, Json()), value) << key << " of request " << i;
  expect_the_same_in_pieces(bytes, whole);
}

class Invalid : public testing::TestWithParam<std::string> {};

TEST_P(Invalid, IsRefusedWholeAndInPieces) {
  const std::string bytes = read(kFolder / "invalid" / (GetParam() + ".http"));
  std::istringstream expected(read(kFolder / "invalid" / (GetParam() + ".status")));
  int status = 0;
  std::size_t before = 0;
  expected >> status;
  expected >> before;
  const Reading whole = feed({bytes});
  EXPECT_EQ(whole.status, status) << whole;
  EXPECT_EQ(whole.requests.size(), before);
  EXPECT_EQ(whole.reason.empty(), whole.status == 0);
  expect_the_same_in_pieces(bytes, whole);
}

const auto kName = [](const auto& test) { return test.param; };
INSTANTIATE_TEST_SUITE_P(, Valid, testing::ValuesIn(names("valid")), kName);
INSTANTIATE_TEST_SUITE_P(, Invalid, testing::ValuesIn(names("invalid")), kName);

TEST(Corpus, HasAnExpectationForEachFile) {
  for (const std::string& name : names("valid"))
    EXPECT_TRUE(exists(kFolder / "valid" / (name + ".json"))) << name;
  for (const std::string& name : names("invalid"))
    EXPECT_TRUE(exists(kFolder / "invalid" / (name + ".status"))) << name;
  EXPECT_GT(names("valid").size(), 50U);
  EXPECT_GT(names("invalid").size(), 100U);
}

}  // namespace
}  // namespace tollgate::http
