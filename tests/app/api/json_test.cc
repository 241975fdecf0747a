// SPDX-License-Identifier: Apache-2.0
#include "app/api/json.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace tollgate {
namespace {

struct Note {
  std::string title;
  int64_t stars = 0;
};
void from_json(const Json& document, Note& note) {
  document.at("title").get_to(note.title);
  document.at("stars").get_to(note.stars);
}

class JsonTest : public testing::Test {
 protected:
  const http::Request& request(std::string body, std::string_view type = "application/json") {
    parts_.body.reset();
    parts_.body.append(body);
    parts_.fields.clear();
    if (!type.empty()) parts_.fields.push_back({"Content-Type", type});
    return request_;
  }

 private:
  http::RequestParts parts_;
  http::Request request_{parts_};
};

TEST_F(JsonTest, IsWrittenCompactlyAndInItsOrder) {
  const http::Response response = json({{"z", 1}, {"a", nullptr}, {"m", {true, "\xC3\xA4\"\n"}}});
  EXPECT_EQ(response.status(), 200);
  EXPECT_EQ(response.body(), R"({"z":1,"a":null,"m":[true,"ä\"\n"]})");
  EXPECT_EQ(*response.header("content-type"), "application/json");
  EXPECT_EQ(json(Json::array(), 201).status(), 201);
}

TEST_F(JsonTest, TextThatIsNotUtf8IsReplacedAndDoesNotThrow) {
  EXPECT_EQ(json("a\xFF"
                 "b")
                .body(),
            "\"a\xEF\xBF\xBD"
            "b\"");
}

TEST_F(JsonTest, ABodyIsRead) {
  const auto document = parse_json(request(R"({"b":1,"a":[2]})"));
  ASSERT_TRUE(document);
  EXPECT_EQ(document->dump(), R"({"b":1,"a":[2]})");
}

TEST_F(JsonTest, ABodyOfNoTypeIsRead) { EXPECT_TRUE(parse_json(request("{}", ""))); }

TEST_F(JsonTest, TheParametersOfTheTypePlayNoPart) {
  EXPECT_TRUE(parse_json(request("{}", "Application/JSON; charset=utf-8")));
}

TEST_F(JsonTest, AnotherTypeIsUnsupported) {
  const auto document = parse_json(request("a=1", "application/x-www-form-urlencoded"));
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, Errc::UnsupportedMediaType);
  EXPECT_EQ(document.error().message,
            "Unsupported media type \"application/x-www-form-urlencoded\" in request.");
}

TEST_F(JsonTest, WhatIsNoJsonIsTheClientsFault) {
  for (const char* body : {"", " ", "{", "{\"a\":}", "[1,]", "{}{}", "nul", "'a'", "\"\xFF\"",
                           "{\"a\":1,}", "\"\\ud800\"", "1e999", "-1e999", "[1e400]", "01"}) {
    const auto document = parse_json(request(body));
    ASSERT_FALSE(document) << body;
    EXPECT_EQ(document.error().code, Errc::InvalidArgument);
    EXPECT_TRUE(document.error().message.starts_with("JSON parse error - "))
        << document.error().message;
    EXPECT_EQ(document.error().message.find("json.exception"), std::string::npos);
  }
}

// Writing is recursive: what cannot be written again is not read.
TEST_F(JsonTest, DeepNestingDoesNotOverflowTheStack) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_FALSE(parse_json(request(std::string(1'000'000, '['))));
  EXPECT_FALSE(parse_json(request(nested(1'000'000))));
  for (const std::size_t depth : {150u, 2000u}) {
    const auto document = parse_json(request(nested(depth)));
    ASSERT_TRUE(document) << depth;
    EXPECT_EQ(json(*document).body(), nested(depth));
  }
}

// Members keep their order, which costs a look at all those before: 100,000 in
// one object would hold the loop for minutes.
TEST_F(JsonTest, AnObjectWithTooManyMembersIsRefusedAtOnce) {
  const auto wide = [](int members) {
    std::string text = "{";
    for (int i = 0; i < members; ++i) text += "\"" + std::to_string(i) + "\":0,";
    text.back() = '}';
    return text;
  };
  EXPECT_TRUE(parse_json(request(wide(2000))));
  const auto refused = parse_json(request(wide(100'000)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "JSON parse error - too many members");
}

// nlohmann's callback looks through all of an array at the end of each of its objects: with it this
// took half a minute.
TEST_F(JsonTest, ALongListOfObjectsTakesTimeInProportion) {
  std::string text = "[{}";
  for (int i = 1; i < 300'000; ++i) text += ",{}";
  const auto start = std::chrono::steady_clock::now();
  const auto document = parse_json(request(text + "]"));
  ASSERT_TRUE(document);
  EXPECT_EQ(document->size(), 300'000u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST_F(JsonTest, BracketsInTextAreNotNested) {
  EXPECT_TRUE(parse_json(request("\"" + std::string(5000, '[') + "\\\"[\"")));
}

TEST_F(JsonTest, ABodyIsReadAsAType) {
  const auto note = parse_json<Note>(request(R"({"title":"t","stars":9007199254740993})"));
  ASSERT_TRUE(note);
  EXPECT_EQ(note->title, "t");
  EXPECT_EQ(note->stars, 9007199254740993);
}

TEST_F(JsonTest, AnotherShapeIsTheClientsFault) {
  for (const char* body : {"{}", "[]", "7", R"({"title":1,"stars":2})", R"({"title":"t"})",
                           R"({"title":"t","stars":"many"})"}) {
    const auto note = parse_json<Note>(request(body));
    ASSERT_FALSE(note) << body;
    EXPECT_EQ(note.error().code, Errc::InvalidArgument);
  }
  EXPECT_EQ(parse_json<Note>(request("{")).error().code, Errc::InvalidArgument);
}

}  // namespace
}  // namespace tollgate
