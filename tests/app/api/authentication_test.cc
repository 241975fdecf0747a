// How an application says who may, and what it needs for that.
// SPDX-License-Identifier: Apache-2.0
#include "tests/app/api/application_fixture.h"

namespace tollgate {
namespace {

using ApplicationAuthenticationTest = ApplicationTest;

Response hello() { return text("hello"); }

TEST_F(ApplicationAuthenticationTest, StatelessRoutesNeedAKeyAndNoDatabase) {
  Config config = with_key();
  config.database.clear();
  Application app(config);
  app.authenticate_with({stateless()});
  app.get("/", hello);
  EXPECT_EQ(ask(app, "/").status(), 401);
}

TEST_F(ApplicationAuthenticationTest, WhatLooksUsersUpNeedsADatabaseAndSaysSo) {
  Config config = with_key();
  config.database.clear();
  for (const Authenticators& ways :
       {Authenticators{bearer()}, {stateless(), basic()}, {cookie()}}) {
    Application app(config);
    app.get("/", hello).authenticate_with(ways);
    EXPECT_NE(build_error(app).find("give --database"), std::string::npos);
  }
  Application app(config);
  app.token_endpoints();
  EXPECT_NE(build_error(app).find("give --database"), std::string::npos);
}

TEST_F(ApplicationAuthenticationTest, WithoutAuthenticatorsNobodyIsKnownAndNoKeyIsNeeded) {
  const Config config;
  Application app(config);
  app.authenticate_with({});
  app.get("/closed", hello);
  app.get("/read", hello).require(is_authenticated_or_read_only());
  app.get("/open", hello).allow_anyone();
  EXPECT_EQ(ask(app, "/closed").status(), 403);
  EXPECT_EQ(ask(app, "/closed", Method::Get, "Bearer x").status(), 403);
  EXPECT_EQ(ask(app, "/read", Method::Get, "Bearer x").status(), 200);
  EXPECT_EQ(ask(app, "/open").status(), 200);
  EXPECT_FALSE(exchange_.route->gate);
}

TEST_F(ApplicationAuthenticationTest, ARoutesAuthenticatorsTakeThePlaceOfTheApplications) {
  const Config config = with_key();
  Application app(config);
  app.get("/app", hello);
  app.get("/route", hello).authenticate_with({bearer()});
  app.authenticate_with({basic()});
  EXPECT_EQ(*ask(app, "/app").header("www-authenticate"), R"(Basic realm="api")");
  EXPECT_EQ(*ask(app, "/route").header("www-authenticate"), R"(Bearer realm="api")");
}

TEST_F(ApplicationAuthenticationTest, ARoutesThrottlesTakeThePlaceOfTheApplications) {
  const Config config;
  Application app(config);
  app.throttle({anon_rate("1/min")});
  app.get("/app", hello).allow_anyone();
  app.get("/too", hello).allow_anyone();
  app.get("/route", hello).allow_anyone().throttle({anon_rate("2/min")});
  app.get("/free", hello).allow_anyone().throttle({});
  EXPECT_EQ(ask(app, "/app").status(), 200);
  EXPECT_EQ(ask(app, "/too").status(), 429);
  EXPECT_EQ(ask(app, "/route").status(), 200);
  EXPECT_EQ(ask(app, "/route").status(), 200);
  EXPECT_EQ(ask(app, "/route").status(), 429);
  EXPECT_EQ(ask(app, "/free").status(), 200);
  Application wrong(config);
  wrong.get("/", hello).allow_anyone().throttle({user_rate("often")});
  EXPECT_NE(build_error(wrong).find("route \"/\": \"often\" is no rate"), std::string::npos);
}

TEST_F(ApplicationAuthenticationTest, WhoMayNotIsNotThrottled) {
  const Config config = with_key();
  Application app(config);
  app.get("/", hello).throttle({anon_rate("1/min")});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(app, "/").status(), 401);
}

}  // namespace
}  // namespace tollgate
