// What stands around the handlers of an application.
// SPDX-License-Identifier: Apache-2.0
#include "app/api/steps.h"

#include <functional>
#include <stdexcept>
#include <utility>

#include "tests/app/api/application_fixture.h"

namespace tollgate {
namespace {

using ApplicationStepsTest = ApplicationTest;

TEST_F(ApplicationStepsTest, FinishersOfARouteRunInsideOfTheApplications) {
  const Config config;
  Application app(config);
  const auto note = [](const char* name) {
    return [name](const Request&, Response& response) {
      const std::string* const before = response.header("x-order");
      response.set_header("X-Order", (before != nullptr ? *before : "") + name);
    };
  };
  app.get("/", [] { return text(""); }).allow_anyone().finisher(note("r1")).finisher(note("r2"));
  app.get("/other", [] { return text(""); }).allow_anyone();
  app.finisher(note("a1"));
  app.finisher(note("a2"));
  EXPECT_EQ(*ask(app, "/").header("x-order"), "r2r1a2a1");
  EXPECT_EQ(*ask(app, "/other").header("x-order"), "a2a1");
}

TEST_F(ApplicationStepsTest, GateStepsAreAskedBehindThePermissionTheApplicationsFirst) {
  const Config config = with_key();
  Application app(config);
  std::string asked;
  const auto note = [&asked](const char* name) {
    return [&asked, name](http::Exchange&) -> http::Verdict {
      asked += name;
      return http::Pass{};
    };
  };
  app.get("/", [] { return text(""); }).allow_anyone().gate_step(note("r"));
  app.get("/closed", [] { return text(""); }).gate_step(note("never"));
  app.get("/refused", [] { return text(""); })
      .allow_anyone()
      .gate_step([](http::Exchange&) -> http::Verdict { return Response(418); })
      .gate_step(note("never"));
  app.get("/throws", [] { return text(""); })
      .allow_anyone()
      .gate_step([](http::Exchange&) -> http::Verdict { throw std::runtime_error("oops"); });
  app.gate_step(note("a"));
  EXPECT_EQ(ask(app, "/").status(), 200);
  EXPECT_EQ(asked, "ar");
  EXPECT_EQ(ask(app, "/closed").status(), 401);
  EXPECT_EQ(asked, "ar");
  EXPECT_EQ(ask(app, "/refused").status(), 418);
  EXPECT_EQ(asked, "ara");
  EXPECT_EQ(ask(app, "/throws").status(), 500);
}

TEST_F(ApplicationStepsTest, ARouteWithNothingAroundItCostsNothing) {
  const Config config;
  Application app(config);
  app.get("/", [] { return text(""); }).allow_anyone();
  EXPECT_EQ(ask(app, "/").status(), 200);
  EXPECT_FALSE(exchange_.route->gate);
  EXPECT_TRUE(exchange_.route->finishers.empty());
}

TEST_F(ApplicationStepsTest, LimitsByAddressCountBeforeTheTokenIsLookedAtThoseByUserBehind) {
  const Config config = with_key();
  Application app(config);
  app.get("/address", [] { return text(""); }).rate_limit("1/hour");
  app.get("/user", [] { return text(""); }).rate_limit("1/hour", {.by = RateKey::User});
  EXPECT_EQ(ask(app, "/address").status(), 401);
  EXPECT_EQ(ask(app, "/address").status(), 429);
  EXPECT_EQ(ask(app, "/user").status(), 401);
  EXPECT_EQ(ask(app, "/user").status(), 401);
}

TEST_F(ApplicationStepsTest, RoutesHaveLimitsOfTheirOwnOrShareOne) {
  const Config config;
  Application app(config);
  const auto route = [&app](const char* path) {
    return app.get(path, [] { return text(""); }).allow_anyone();
  };
  route("/a").rate_limit("1/hour");
  route("/b").rate_limit("1/hour");
  for (const char* path : {"/shared/a", "/shared/b"})
    route(path).rate_limit("1/hour", {.scope = "shared"});
  route("/free");
  app.rate_limit("6/hour");
  EXPECT_EQ(ask(app, "/a").status(), 200);
  EXPECT_EQ(ask(app, "/b").status(), 200);
  EXPECT_EQ(ask(app, "/a").status(), 429);
  EXPECT_EQ(ask(app, "/shared/a").status(), 200);
  EXPECT_EQ(ask(app, "/shared/b").status(), 429);
  EXPECT_EQ(ask(app, "/free").status(), 200);
  EXPECT_EQ(ask(app, "/free").status(), 429);  // the seventh of all
}

TEST_F(ApplicationStepsTest, WhatARouteSaysTakesThePlaceOfWhatTheApplicationSays) {
  const Config config;
  Application app(config);
  app.security_headers();
  app.etag();
  app.get("/", [] { return text("x"); }).allow_anyone();
  app.get("/frame", [] { return text("x"); })
      .allow_anyone()
      .security_headers({.x_frame_options = "SAMEORIGIN"})
      .etag(false);
  EXPECT_EQ(*ask(app, "/").header("x-frame-options"), "DENY");
  EXPECT_NE(ask(app, "/").header("etag"), nullptr);
  EXPECT_EQ(*ask(app, "/frame").header("x-frame-options"), "SAMEORIGIN");
  EXPECT_EQ(ask(app, "/frame").header("etag"), nullptr);
  EXPECT_EQ(*ask(app, "/missing").header("x-frame-options"), "DENY");
}

TEST_F(ApplicationStepsTest, ANonsensicalPolicyIsAnErrorThatSaysSo) {
  const std::pair<std::function<void(Application&)>, const char*> cases[] = {
      {[](Application& app) { app.cors({.allowed_origins = {"*"}, .allow_credentials = true}); },
       "cors: \"*\" cannot go together with allow_credentials"},
      {[](Application& app) { app.rate_limit("often"); }, "\"often\" is no rate"},
      {[](Application& app) { app.security_headers({.referrer_policy = "a\nb"}); },
       "Referrer-Policy has a control character"},
      {[](Application& app) { app.get("/x", [] { return text(""); }).rate_limit("5"); },
       "route \"/x\": \"5\" is no rate"},
  };
  for (const auto& [define, sentence] : cases) {
    const Config config = with_key();
    Application app(config);
    define(app);
    EXPECT_NE(build_error(app).find(sentence), std::string::npos) << build_error(app);
  }
}

}  // namespace
}  // namespace tollgate
