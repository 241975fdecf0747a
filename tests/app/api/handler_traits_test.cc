// SPDX-License-Identifier: Apache-2.0
#include "app/api/handler_traits.h"

#include <gtest/gtest.h>

#include <memory>

namespace tollgate::api {
namespace {

using http::Request;
using http::Response;
using http::text;
using Kind = routing::Segment::Kind;

// What the handler answers where the path's parameters are "7" and "seven".
Response call(const AdaptedHandler& adapted) {
  http::RequestParts parts;
  parts.path = "/7/seven";
  parts.parameters[0] = "7";
  parts.parameters[1] = "seven";
  return adapted.handler(Request(parts));
}

Response free_function(const Request& request, int64_t id) {
  return text(std::string(request.path()) + " " + std::to_string(id));
}

TEST(Adapt, AFunctionOfNothing) {
  const AdaptedHandler adapted = adapt([] { return text("x"); });
  EXPECT_TRUE(adapted.parameters.empty());
  EXPECT_EQ(call(adapted).body(), "x");
}

TEST(Adapt, AFunctionOfTheRequest) {
  const AdaptedHandler adapted =
      adapt([](const Request& r) { return text(std::string(r.path())); });
  EXPECT_TRUE(adapted.parameters.empty());
  EXPECT_EQ(call(adapted).body(), "/7/seven");
}

TEST(Adapt, AFunctionOfTheRequestAndItsParameters) {
  const AdaptedHandler adapted = adapt([](const Request& r, int64_t id, std::string_view name) {
    return text(std::string(r.path()) + " " + std::to_string(id) + " " + std::string(name));
  });
  EXPECT_EQ(adapted.parameters, (std::vector{Kind::Int, Kind::Str}));
  EXPECT_EQ(call(adapted).body(), "/7/seven 7 seven");
}

TEST(Adapt, AFunctionOfTheParametersAlone) {
  const AdaptedHandler adapted = adapt(
      [](int64_t id, const std::string& name) { return text(std::to_string(id + 1) + name); });
  EXPECT_EQ(adapted.parameters, (std::vector{Kind::Int, Kind::Str}));
  EXPECT_EQ(call(adapted).body(), "8seven");
}

TEST(Adapt, AStringByValue) {
  const AdaptedHandler adapted =
      adapt([](std::string first, std::string_view) { return text(first + "!"); });
  EXPECT_EQ(adapted.parameters, (std::vector{Kind::Str, Kind::Str}));
  EXPECT_EQ(call(adapted).body(), "7!");
}

TEST(Adapt, AFreeFunction) {
  const AdaptedHandler adapted = adapt(&free_function);
  EXPECT_EQ(adapted.parameters, std::vector{Kind::Int});
  EXPECT_EQ(call(adapted).body(), "/7/seven 7");
}

Response quiet_function() noexcept { return Response(204); }

TEST(Adapt, AFunctionThatDoesNotThrow) {
  EXPECT_EQ(call(adapt(&quiet_function)).status(), 204);
  const AdaptedHandler adapted =
      adapt([](int64_t id) noexcept { return Response(static_cast<int>(200 + id)); });
  EXPECT_EQ(adapted.parameters, std::vector{Kind::Int});
  EXPECT_EQ(call(adapted).status(), 207);
}

TEST(Adapt, AHandlerAsItIs) {
  const AdaptedHandler adapted =
      adapt(http::Handler([](const Request& r) { return text(std::string(r.path())); }));
  EXPECT_TRUE(adapted.parameters.empty());
  EXPECT_EQ(call(adapted).body(), "/7/seven");
}

TEST(Adapt, AnObjectThatIsCalled) {
  struct Greeter {
    std::string greeting;
    Response operator()(const Request& /*request*/, int64_t id) const {
      return text(greeting + std::to_string(id));
    }
  };
  EXPECT_EQ(call(adapt(Greeter{"hello "})).body(), "hello 7");
}

TEST(Adapt, WhatAHandlerCapturesLivesAsLongAsIt) {
  auto kept = std::make_shared<int>(5);
  const std::weak_ptr<int> watch = kept;
  {
    const AdaptedHandler adapted =
        adapt([kept = std::move(kept)] { return text(std::to_string(*kept)); });
    EXPECT_EQ(call(adapted).body(), "5");
    EXPECT_FALSE(watch.expired());
  }
  EXPECT_TRUE(watch.expired());
}

TEST(Adapt, AResultIsItsResponse) {
  const AdaptedHandler adapted = adapt([](int64_t id) -> Result<Response> {
    if (id == 7) return text("found");
    return fail(Errc::NotFound, "No such note.");
  });
  EXPECT_EQ(call(adapted).body(), "found");
}

TEST(Adapt, AnErrorIsTheResponseOfItsCode) {
  const auto answer = [](Errc code) {
    return call(adapt([code]() -> Result<Response> { return fail(code, "disk /dev/sda"); }));
  };
  EXPECT_EQ(answer(Errc::NotFound).status(), 404);
  EXPECT_EQ(answer(Errc::NotFound).body(), R"({"detail":"disk /dev/sda"})");
  EXPECT_EQ(answer(Errc::Io).status(), 500);
  EXPECT_EQ(answer(Errc::Io).body(), R"({"detail":"Internal Server Error"})");
}

TEST(Adapt, TheLargestIntIsNotCutOff) { EXPECT_EQ(to_int("9223372036854775807"), INT64_MAX); }

}  // namespace
}  // namespace tollgate::api
