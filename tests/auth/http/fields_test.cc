// SPDX-License-Identifier: Apache-2.0
#include "auth/http/fields.h"

#include <gtest/gtest.h>

#include "tests/auth/crypto/cpu_cost.h"

namespace tollgate::auth {
namespace {

constexpr std::string_view kNames[] = {"username"};

// The value of "username", or the status and body of the refusal.
std::string read(std::string_view type, std::string body, std::string_view accept = "*/*") {
  http::RequestParts parts;
  parts.fields = {{.name = "Content-Type", .value = type}, {.name = "Accept", .value = accept}};
  parts.body.append(body);
  const auto values = read_char_fields(http::Request(parts), kNames);
  if (values) return values->front();
  return std::to_string(values.error().status()) + " " + values.error().body();
}

std::string read_json(std::string body) { return read("application/json", std::move(body)); }

TEST(CharField, IsStrippedAsPythonDoesIt) {
  using namespace std::string_literals;
  EXPECT_EQ(strip("\x1c\x1d\x1e\x1f \t\n\v\f\r a b \x1f"s), "a b");
  EXPECT_EQ(strip("\x1b"), "\x1b");
  EXPECT_EQ(strip(" \x1c"), "");
  EXPECT_EQ(read_json(R"({"username":"\u001c alice\u001f"})"), "alice");
}

TEST(CharField, TakesTheLastOfTwoAndNumbersAsText) {
  EXPECT_EQ(read_json(R"({"username":"a","username":"b"})"), "b");
  EXPECT_EQ(read_json(R"({"username":12})"), "12");
}

TEST(CharField, HasNeitherNulNorLoneSurrogates) {
  using namespace std::string_literals;
  EXPECT_EQ(read_json(R"({"username":"a\u0000b"})"),
            R"(400 {"username":["Null characters are not allowed."]})");
  const std::pair<std::string, std::string> lone[] = {{R"("a\ud800")", "U+D800"},
                                                      {R"("\udfff\ud83d\ude00")", "U+DFFF"},
                                                      {R"("\ud83d\ud83d")", "U+D83D"},
                                                      {R"("\\\udc00")", "U+DC00"},
                                                      {R"("\uDaBc\u0041")", "U+DABC"}};
  for (const auto& [text, character] : lone)
    EXPECT_EQ(read_json(R"({"username":)" + text + "}"),
              R"(400 {"username":["Surrogate characters are not allowed: )" + character + ".\"]}");
  EXPECT_EQ(read_json(R"({"x":"\ud800","username":"\ud83d\ude00 \\ud800"})"),
            "\xF0\x9F\x98\x80 \\ud800"s);  // a pair, and a backslash before four letters
}

TEST(JsonBody, HasNoByteOrderMark) {
  EXPECT_EQ(read_json("\xEF\xBB\xBF{\"username\":\"a\"}"),
            R"(400 {"detail":"JSON parse error - Unexpected UTF-8 BOM (decode using utf-8-sig): )"
            "line 1 column 1 (char 0)\"}");
}

TEST(CharField, IsNoFile) {
  const std::string type = "multipart/form-data; boundary=x";
  const auto part = [](const std::string& more) {
    return "--x\r\nContent-Disposition: form-data; name=\"username\"" + more +
           "\r\n\r\nalice\r\n--x--\r\n";
  };
  EXPECT_EQ(read(type, part("")), "alice");
  EXPECT_EQ(read(type, part("; filename=\"a.txt\"")),
            R"(400 {"username":["Not a valid string."]})");
}

TEST(CharField, ComesFromAFormOfAtMostAThousandFields) {
  std::string body;
  for (int i = 0; i < 1000; ++i) body += "a=1&";
  const std::string refusal = read("application/x-www-form-urlencoded", body + "username=alice");
  EXPECT_EQ(refusal, R"(400 {"detail":"Form parse error - too many fields"})");
}

TEST(CharField, IsAskedForAsTheAcceptFieldAllows) {
  const struct {
    std::string_view accept;
    bool allowed;
  } rows[] = {
      {"", true},
      {"*/*", true},
      {"Application/*", true},
      {"text/html, application/json", true},
      {"application/json;q=0.1", true},
      {"application/json; indent=4", true},
      {"text/html", false},
      {"application/json;q=0", false},
      {"application/json; Q=0.000", false},
      {"application/json;indent=4;q=0", false},
      {"*/*;q=0", false},
      {"application/json;q=0, */*", false},  // RFC 9110 12.5.1: the closest one counts
      {"*/*;q=0, application/*", true},
      {"application/json;q", true},
  };
  for (const auto& row : rows) {
    const std::string answer = read("application/json", R"({"username":"alice"})", row.accept);
    EXPECT_EQ(answer == "alice", row.allowed) << row.accept << ": " << answer;
  }
}

std::string object_of(int members) {
  std::string body = "{";
  for (int i = 0; i < members; ++i) body += "\"" + std::to_string(i) + "\":1,";
  return body + R"("username":"alice"})";
}

TEST(CharField, CostsNoSquareOfTheMembersAroundIt) {
  const std::string small = object_of(500);
  const std::string large = object_of(8000);
  const auto costs = crypto::test::cpu_costs({[&] { EXPECT_EQ(read_json(small), "alice"); },
                                              [&] { EXPECT_EQ(read_json(large), "alice"); }});
  EXPECT_LT(costs[1] / costs[0], 16 * 4);  // a square is 256
}

}  // namespace
}  // namespace tollgate::auth
