// What it refuses and lets through is in tests/data/http; here: that pieces,
// limits and the order of faults make no difference.
// SPDX-License-Identifier: Apache-2.0
#include "server/http/head_scanner.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace tollgate::http {
namespace {

using Verdict = HeadScanner::Verdict;
using Kind = Verdict::Kind;

constexpr Limits kLimits{.request_line = 24, .fields = 3, .field_size = 12, .head = 57};
const std::string kLine = "GET / HTTP/1.1\r\n";

// The end of it: `consumed` counted from the first byte.
Verdict scan(const std::vector<std::string_view>& pieces, const Limits& limits = kLimits) {
  HeadScanner scanner(limits);
  std::size_t before = 0;
  for (const std::string_view piece : pieces) {
    Verdict verdict = scanner.feed(piece);
    if (verdict.kind == Kind::Complete) verdict.consumed += before;
    if (verdict.kind == Kind::Refused) verdict.consumed = 0;
    if (verdict.kind != Kind::More) return verdict;
    before += piece.size();
  }
  return {Kind::More};
}

struct Case {
  const char* name;
  std::string head;
  Kind kind;
  int status = 0;
  std::string_view reason = {};
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

class Scans : public testing::TestWithParam<Case> {};

void expect_equal(const Verdict& got, const Verdict& wanted, std::size_t split) {
  EXPECT_EQ(got.kind, wanted.kind) << "split at " << split << ": " << got.reason;
  EXPECT_EQ(got.status, wanted.status) << "split at " << split;
  EXPECT_EQ(got.reason, wanted.reason) << "split at " << split;
  EXPECT_EQ(got.consumed, wanted.consumed) << "split at " << split;
}

TEST_P(Scans, WithTheSameVerdictInAnyTwoOrThreePieces) {
  const std::string_view head = GetParam().head;
  const Verdict whole = scan({head});
  EXPECT_EQ(whole.kind, GetParam().kind);
  EXPECT_EQ(whole.status, GetParam().status) << whole.reason;
  if (!GetParam().reason.empty()) {
    EXPECT_EQ(whole.reason, GetParam().reason);
  }
  for (std::size_t i = 0; i <= head.size(); ++i)
    for (std::size_t j = i; j <= head.size(); ++j)
      expect_equal(scan({head.substr(0, i), head.substr(i, j - i), head.substr(j)}), whole, i);
}

TEST_P(Scans, WithTheSameVerdictByteByByte) {
  const std::string_view head = GetParam().head;
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < head.size(); ++i) bytes.push_back(head.substr(i, 1));
  expect_equal(scan(bytes), scan({head}), 0);
}

INSTANTIATE_TEST_SUITE_P(
    , Scans,
    testing::Values(
        Case{"AHead", kLine + "A: b\r\n\r\n", Kind::Complete},
        Case{"AHeadWithABodyBehindIt", kLine + "A: b\r\n\r\n\x01\n \r\x7F", Kind::Complete},
        Case{"AHeadWithoutFields", kLine + "\r\n", Kind::Complete},
        Case{"AnEmptyLineBeforeIt", "\r\n" + kLine + "\r\n", Kind::Refused, 400,
             "empty lines before the request"},
        Case{"HalfAHead", kLine + "A: b\r", Kind::More}, Case{"Nothing", "", Kind::More},
        Case{"ALineOfTheGreatestSize", "GET /" + std::string(10, 'x') + " HTTP/1.1\r\n\r\n",
             Kind::Complete},
        Case{"ALineOneByteLonger", "GET /" + std::string(11, 'x') + " HTTP/1.1\r\n\r\n",
             Kind::Refused, 414},
        Case{"AFieldOfTheGreatestSize", kLine + "A: 45678901x\r\n\r\n", Kind::Complete},
        Case{"AFieldOneByteLonger", kLine + "A: 45678901xy\r\n\r\n", Kind::Refused, 431,
             "a header field is too long"},
        Case{"AsManyFieldsAsMayBe", kLine + "A:b\r\nA:b\r\nA:b\r\n\r\n", Kind::Complete},
        Case{"OneFieldMore", kLine + "A:b\r\nA:b\r\nA:b\r\nA:b\r\n\r\n", Kind::Refused, 431,
             "too many header fields"},
        Case{"AHeadOfTheGreatestSize", kLine + "A: 45678901\r\nA: 45678901\r\nA: 45678901\r\n\r\n",
             Kind::Complete},
        Case{"AHeadThatIsTooLong", kLine + "A: 45678901\r\nA: 456789012\r\nA: 456789012\r\n\r\n",
             Kind::Refused, 431, "the header section is too long"},
        Case{"AHeadThatIsTooLongByItsLastByte",
             kLine + "A: 45678901\r\nA: 45678901\r\nA: 456789012\r\n\r\n", Kind::Refused, 431,
             "the header section is too long"},
        Case{"AControlBeforeTheLimit", "GET /\x01" + std::string(40, 'x'), Kind::Refused, 400},
        Case{"AControlBehindTheLimit", std::string(40, 'x') + "\x01", Kind::Refused, 414},
        Case{"ACrBehindTheLimit", kLine + std::string(40, 'x') + "\ry", Kind::Refused, 431},
        Case{"ACrBeforeAControl", kLine + "A\r\x01", Kind::Refused, 400,
             "a CR without an LF in the head"},
        Case{"AControlBeforeACr", kLine + "A\x01\rx", Kind::Refused, 400,
             "a control character in the head"},
        Case{"AFoldedLineWithAControl", kLine + "A:b\r\n \x01", Kind::Refused, 400,
             "a folded header field (RFC 9112 5.2)"},
        Case{"AnotherVersion", "GET / HTTP/2.0\r\n\r\n", Kind::Refused, 505},
        Case{"ThreeSpaces", "GET  / HTTP/1.1\r\n\r\n", Kind::Refused, 400}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(HeadScanner, CompleteTellsWhereTheHeadEnds) {
  const std::string head = kLine + "A: b\r\n\r\n";
  EXPECT_EQ(scan({head + "body"}).consumed, head.size());
}

TEST(HeadScanner, IsReadyForTheNextHeadAfterAReset) {
  HeadScanner scanner(kLimits);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(scanner.feed(kLine + "A: b\r\nC: d\r\n\r\n").kind, Kind::Complete);
    scanner.reset();
  }
}

TEST(HeadScanner, TrailersHaveNoRequestLine) {
  HeadScanner scanner(kLimits);
  scanner.reset_to_fields();
  EXPECT_EQ(scanner.feed("\r\n").kind, Kind::Complete);
  scanner.reset_to_fields();
  EXPECT_EQ(scanner.feed("A: b\r\n\r\nGET").consumed, 8U);
  scanner.reset_to_fields();
  EXPECT_EQ(scanner.feed(" A: b\r\n").status, 400);
  scanner.reset_to_fields();
  EXPECT_EQ(scanner.feed("A: b\n").status, 400);
}

TEST(HeadScanner, EachControlIsRefusedWhereverItStands) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool control = (byte < 0x20 && c != '\t' && c != '\r' && c != '\n') || byte == 0x7F;
    const Verdict verdict = scan({kLine + "A: b" + c + "d\r\n\r\n"}, Limits{});
    const bool line_end = c == '\r' || c == '\n';
    EXPECT_EQ(verdict.kind, control || line_end ? Kind::Refused : Kind::Complete) << byte;
  }
}

}  // namespace
}  // namespace tollgate::http
