// SPDX-License-Identifier: Apache-2.0
#include "app/api/application.h"

#include <stdexcept>
#include <vector>

#include "auth/jwt/key.h"
#include "tests/app/api/application_fixture.h"

namespace tollgate {
namespace {

using http::RunsOn;

TEST_F(ApplicationTest, AnswersEachMethodOfAPath) {
  const Config config;
  Application app(config);
  app.get("/n/{id:int}", [](int64_t id) { return text("get " + std::to_string(id)); })
      .allow_anyone();
  app.put("/n/{id:int}", [](int64_t id) { return text("put " + std::to_string(id)); })
      .allow_anyone();
  app.patch("/n/{id:int}", [](int64_t) { return text("patch"); }).allow_anyone();
  app.del("/n/{id:int}", [](int64_t) { return http::no_content(); }).allow_anyone();
  app.post("/n", [](const Request& r) { return text(std::string(r.path())); }).allow_anyone();
  EXPECT_EQ(ask(app, "/n/7").body(), "get 7");
  EXPECT_EQ(ask(app, "/n/7", Method::Head).body(), "get 7");
  EXPECT_EQ(ask(app, "/n/8", Method::Put).body(), "put 8");
  EXPECT_EQ(ask(app, "/n/7", Method::Patch).body(), "patch");
  EXPECT_EQ(ask(app, "/n/7", Method::Delete).status(), 204);
  EXPECT_EQ(ask(app, "/n", Method::Post).body(), "/n");
  EXPECT_EQ(*ask(app, "/n/7", Method::Post).header("allow"),
            "GET, PUT, PATCH, DELETE, HEAD, OPTIONS");
}

// --- closed unless opened -----------------------------------------------------------

TEST_F(ApplicationTest, ARouteWithoutAWordAsksForAKeyToCheckTokensWith) {
  const Config config;
  Application app(config);
  app.get("/", [] { return text("secret"); });
  const std::string error = build_error(app);
  EXPECT_NE(error.find("signing_key_file is not set"), std::string::npos) << error;
  EXPECT_NE(error.find("tollgate keys generate"), std::string::npos) << error;
}

TEST_F(ApplicationTest, ARouteWithoutAWordIsClosedToThoseWithoutAToken) {
  const Config config = with_key();
  Application app(config);
  app.get("/", [] { return text("secret"); });
  const Response response = ask(app, "/");
  EXPECT_EQ(response.status(), 401);
  EXPECT_EQ(*response.header("www-authenticate"), "Bearer realm=\"api\"");
  EXPECT_EQ(response.body(), R"({"detail":"Authentication credentials were not provided."})");
  EXPECT_EQ(ask(app, "/", Method::Head).status(), 401);
  EXPECT_EQ(ask(app, "/", Method::Delete).status(), 401);
  EXPECT_EQ(ask(app, "/", Method::Get, "Bearer rubbish").status(), 401);
}

TEST_F(ApplicationTest, ARouteForAnyoneStillRefusesABadToken) {
  const Config config = with_key();
  Application app(config);
  app.get("/", [] { return text("open"); }).allow_anyone();
  EXPECT_EQ(ask(app, "/").body(), "open");
  EXPECT_EQ(ask(app, "/", Method::Get, "Bearer rubbish").status(), 401);
}

TEST_F(ApplicationTest, ARouteWithoutAuthenticationDoesNotLookAtTokens) {
  const Config config = with_key();
  Application app(config);
  app.get("/", [] { return text("open"); }).without_authentication();
  EXPECT_EQ(ask(app, "/", Method::Get, "Bearer rubbish").body(), "open");
}

TEST_F(ApplicationTest, APermissionOfItsOwnReplacesTheDefault) {
  const Config config = with_key();
  Application app(config);
  app.get("/a", [] { return text("open"); }).require(read_only());
  app.post("/a", [] { return text("closed"); }).require(read_only());
  app.get("/b", [] { return text("closed"); }).allow_anyone().require(is_admin());
  EXPECT_EQ(ask(app, "/a").body(), "open");
  EXPECT_EQ(ask(app, "/a", Method::Post).status(), 401);
  EXPECT_EQ(ask(app, "/b").status(), 401);
}

TEST_F(ApplicationTest, WithoutAKeyWhatAnyoneMaySeeCanBeServed) {
  const Config config;
  Application app(config);
  app.get("/a", [] { return text("open"); }).allow_anyone();
  app.get("/b", [] { return text("open"); }).without_authentication();
  EXPECT_EQ(ask(app, "/a", Method::Get, "Bearer rubbish").body(), "open");
  EXPECT_EQ(ask(app, "/b").body(), "open");
}

TEST_F(ApplicationTest, AKeyWithoutUsersIsSaidSo) {
  Config config = with_key();
  config.database.clear();
  Application app(config);
  app.get("/", [] { return text("secret"); });
  EXPECT_NE(build_error(app).find("--database sqlite:PATH"), std::string::npos);
}

TEST_F(ApplicationTest, OwnRouteGoesBeforeThePublicKeys) {
  Config config = with_key();
  const auto key = jwt::Key::generate(*jwt::find_algorithm("ES256"));
  ASSERT_TRUE(key);
  config.signing_key = key->private_jwk().reveal();
  constexpr const char* kPath = "/.well-known/jwks.json";
  Application without(config);
  without.get("/me", [] { return text("me"); });
  EXPECT_EQ(ask(without, kPath).body(), "{\"keys\":[" + key->public_jwk() + "]}\n");
  service_ = nullptr;
  Application with(config);
  with.get("/me", [] { return text("me"); });
  with.get(kPath, [] { return text("own"); }).allow_anyone();
  EXPECT_EQ(ask(with, kPath).body(), "own");
}

TEST_F(ApplicationTest, SecretsHideNoPatternOfTheApplications) {
  const Config config = with_key();
  Application app(config);
  app.get("/.well-known/{name}", [](std::string_view name) { return text(std::string(name)); })
      .allow_anyone();
  EXPECT_EQ(ask(app, "/.well-known/jwks.json").body(), "jwks.json");
}

TEST_F(ApplicationTest, TokenEndpointsNeedAKey) {
  const Config config;
  Application app(config);
  app.token_endpoints();
  EXPECT_NE(build_error(app).find("signing_key_file is not set"), std::string::npos);
}

TEST_F(ApplicationTest, TokenEndpointsAreOpenAndOnTheirPools) {
  const Config config = with_key();
  Application app(config);
  app.token_endpoints("/t/");
  EXPECT_EQ(ask(app, "/t/", Method::Post).status(), 400);
  EXPECT_EQ(exchange_.route->runs_on, RunsOn::Passwords);
  EXPECT_EQ(ask(app, "/t/refresh/", Method::Post).status(), 400);
  EXPECT_EQ(exchange_.route->runs_on, RunsOn::Threads);
  EXPECT_EQ(ask(app, "/t/verify/", Method::Post).status(), 400);
  EXPECT_EQ(ask(app, "/t/", Method::Get).status(), 405);
  EXPECT_EQ(ask(app, "/api/token/", Method::Post).status(), 404);
}

// --- routes --------------------------------------------------------------------

TEST_F(ApplicationTest, AHandlerRunsWhereItsRouteSays) {
  const Config config;
  Application app(config);
  const auto handler = [] { return text(""); };
  app.get("/loop", handler).allow_anyone();
  app.get("/threads", handler).allow_anyone().blocking();
  app.get("/passwords", handler).allow_anyone().hashes_passwords();
  ask(app, "/loop");
  EXPECT_EQ(exchange_.route->runs_on, RunsOn::Loop);
  ask(app, "/threads");
  EXPECT_EQ(exchange_.route->runs_on, RunsOn::Threads);
  ask(app, "/passwords");
  EXPECT_EQ(exchange_.route->runs_on, RunsOn::Passwords);
}

TEST_F(ApplicationTest, ParametersThatAreNotThoseOfTheFunctionAreAnErrorThatNamesTheRoute) {
  const auto error_of = [](const std::string& pattern, auto handler) {
    const Config config;
    Application app(config);
    app.get(pattern, handler).allow_anyone();
    const auto built = app.build();
    EXPECT_FALSE(built) << pattern;
    if (built) return std::string();
    EXPECT_EQ(built.error().code, Errc::InvalidArgument);
    return built.error().message;
  };
  const auto of_int = [](int64_t) { return text(""); };
  const auto of_text = [](std::string_view) { return text(""); };
  const auto of_both = [](int64_t, std::string_view) { return text(""); };
  const auto of_none = [](const Request&) { return text(""); };
  EXPECT_NE(error_of("/a/{id}", of_int).find("route \"/a/{id}\""), std::string::npos);
  EXPECT_NE(error_of("/b/{id:int}", of_text).find("route \"/b/{id:int}\""), std::string::npos);
  EXPECT_NE(error_of("/c/{a}/{b:int}", of_both).find("route \"/c/"), std::string::npos);
  EXPECT_NE(error_of("/d", of_int).find("route \"/d\""), std::string::npos);
  EXPECT_NE(error_of("/e/{a:int}/{b:int}", of_int).find("route \"/e/"), std::string::npos);
  EXPECT_NE(error_of("/f/{id:int}", of_none).find("route \"/f/"), std::string::npos);
}

TEST_F(ApplicationTest, APathParameterIsAText) {
  const Config config;
  Application app(config);
  app.get("/f/{rest:path}", [](std::string_view rest) { return text(std::string(rest)); })
      .allow_anyone();
  EXPECT_EQ(ask(app, "/f/a/b/c").body(), "a/b/c");
}

TEST_F(ApplicationTest, ABadRouteIsAnErrorThatNamesIt) {
  const Config config;
  {
    Application app(config);
    app.get("no-slash", [] { return text(""); }).allow_anyone();
    EXPECT_NE(build_error(app).find("\"no-slash\""), std::string::npos);
  }
  Application app(config);
  app.get("/twice", [] { return text(""); }).allow_anyone();
  app.get("/twice", [] { return text(""); }).allow_anyone();
  EXPECT_NE(build_error(app).find("\"/twice\" is defined twice"), std::string::npos);
}

TEST_F(ApplicationTest, TheSettingsAreThoseOfTheServer) {
  Config config;
  config.allowed_hosts = {"example.org"};
  Application app(config);
  EXPECT_EQ(&app.config(), &config);
  app.get("/", [] { return text(""); }).allow_anyone();
  EXPECT_EQ(ask(app, "/").status(), 400);  // without a Host
  exchange_.request.fields.push_back({"Host", "example.org"});
  EXPECT_TRUE(std::holds_alternative<http::Pass>(service_->gate(exchange_)));
}

TEST_F(ApplicationTest, ARouteMayHaveABodyLimitOfItsOwn) {
  const Config config;
  Application app(config);
  app.post("/small", [] { return text(""); }).body_limit(1_KiB).allow_anyone();
  app.post("/any", [] { return text(""); }).body_limit(0_B).allow_anyone();
  ask(app, "/small", Method::Post);
  EXPECT_EQ(exchange_.route->body_limit, 1024U);
  ask(app, "/any", Method::Post);
  EXPECT_EQ(exchange_.route->body_limit, UINT64_MAX);
}

// --- what an application does wrong ------------------------------------------------

TEST_F(ApplicationTest, AnExceptionIsA500WithAnIdAndNoneOfItsText) {
  const Config config;
  Application app(config);
  app.get("/", []() -> Response { throw std::runtime_error("password=hunter2"); }).allow_anyone();
  const Response response = ask(app, "/");
  EXPECT_EQ(response.status(), 500);
  EXPECT_EQ(response.body(), R"({"detail":"Internal Server Error","error_id":")" +
                                 std::to_string(getpid()) + "-7\"}");
}

TEST_F(ApplicationTest, APermissionThatThrowsIsA500AndLetsNobodyIn) {
  const Config config = with_key();
  Application app(config);
  bool let_in = false;
  app.get("/",
          [&] {
            let_in = true;
            return text("");
          })
      .require(Permission([](const Request&) -> bool { throw std::runtime_error("oops"); }));
  EXPECT_EQ(ask(app, "/").status(), 500);
  EXPECT_FALSE(let_in);
}

TEST_F(ApplicationTest, AFinisherThatThrowsIsA500) {
  const Config config;
  Application app(config);
  app.get("/", [] { return text("x"); }).allow_anyone();
  app.finisher([](const Request&, Response&) { throw std::runtime_error("oops"); });
  const Response response = ask(app, "/");
  EXPECT_EQ(response.status(), 500);
  EXPECT_EQ(response.body().find("oops"), std::string::npos);
}

TEST_F(ApplicationTest, FinishersRunLastAddedFirst) {
  const Config config;
  Application app(config);
  app.get("/", [] { return text(""); }).allow_anyone();
  for (const char* name : {"1", "2"})
    app.finisher([name](const Request&, Response& response) {
      const std::string* const before = response.header("x-order");
      response.set_header("X-Order", (before != nullptr ? *before : "") + name);
    });
  EXPECT_EQ(*ask(app, "/").header("x-order"), "21");
  EXPECT_EQ(*ask(app, "/missing").header("x-order"), "21");
}

// --- own() -------------------------------------------------------------------

struct Owned {
  Owned(std::vector<std::string>& log_in, std::string name_in)
      : log(log_in), name(std::move(name_in)) {}
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { log.push_back(name); }
  std::vector<std::string>& log;
  std::string name;
};

TEST_F(ApplicationTest, WhatItOwnsIsDestroyedWithItLastMadeFirst) {
  std::vector<std::string> destroyed;
  const Config config;
  {
    Application app(config);
    Owned& first = app.own<Owned>(destroyed, "first");
    app.own<Owned>(destroyed, "second");
    app.own<Owned>(destroyed, "third");
    app.get("/", [&first] { return text(first.name); }).allow_anyone();
    EXPECT_EQ(ask(app, "/").body(), "first");
    EXPECT_TRUE(destroyed.empty());
  }
  EXPECT_EQ(destroyed, (std::vector<std::string>{"third", "second", "first"}));
}

TEST_F(ApplicationTest, WhatItOwnsIsDestroyedAlsoIfItWasNeverBuilt) {
  std::vector<std::string> destroyed;
  const Config config;
  { Application(config).own<Owned>(destroyed, "only"); }
  EXPECT_EQ(destroyed.size(), 1U);
}

TEST_F(ApplicationTest, HooksRunInTheirOrderAndThoseOfTheEndInTheReverse) {
  const Config config;
  Application app(config);
  std::vector<std::string> called;
  const auto note = [&called](const char* what) {
    return [&called, what] { called.emplace_back(what); };
  };
  app.on_worker_start(note("start 1"));
  app.on_worker_start([&called]() -> Status {
    called.emplace_back("start 2");
    return {};
  });
  app.on_ready(note("ready 1"));
  app.on_ready(note("ready 2"));
  app.on_worker_stop(note("stop 1"));
  app.on_worker_stop(note("stop 2"));
  EXPECT_TRUE(called.empty());
  EXPECT_TRUE(app.started());
  app.ready();
  app.stopping();
  EXPECT_EQ(called, (std::vector<std::string>{"start 1", "start 2", "ready 1", "ready 2", "stop 2",
                                              "stop 1"}));
}

TEST_F(ApplicationTest, AStartHookThatFailsEndsTheStartWithASentence) {
  const Config config;
  bool behind = false;
  const auto message_of = [&](auto hook) {
    Application app(config);
    app.on_worker_start(hook);
    app.on_worker_start([&behind] { behind = true; });
    const Status started = app.started();
    return started ? "" : started.error().message;
  };
  EXPECT_EQ(message_of([]() -> Status { return fail(Errc::Unavailable, "no cache"); }),
            "on_worker_start: no cache");
  EXPECT_EQ(message_of([] { throw std::runtime_error("no luck"); }),
            "on_worker_start threw: no luck");
  EXPECT_EQ(message_of([] { throw 42; }), "on_worker_start threw");
  EXPECT_FALSE(behind);
}

TEST_F(ApplicationTest, AHookThatThrowsAtTheEndKeepsNoOtherFromBeingCalled) {
  const Config config;
  Application app(config);
  int called = 0;
  app.on_worker_stop([&called] { ++called; });
  app.on_worker_stop([] { throw std::runtime_error("too late"); });
  app.stopping();
  EXPECT_EQ(called, 1);
}

}  // namespace
}  // namespace tollgate
