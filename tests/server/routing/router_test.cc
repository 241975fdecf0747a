// SPDX-License-Identifier: Apache-2.0
#include "server/routing/router.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "server/shm/in_flight.h"
#include "server/shm/quarantine_list.h"

namespace tollgate::routing {
namespace {

using http::Method;
using http::Response;

class RouterTest : public testing::Test {
 protected:
  // A route whose handler tells its pattern and its parameters: "/a/{id:int} 7".
  Status add(const std::string& pattern, Method method = Method::Get, http::GateStep gate = {}) {
    const auto tell = [pattern](const http::Request& request) {
      std::string text = pattern;
      for (std::size_t i = 0; i < http::kMaxPathParameters; ++i)
        if (!request.parameter(i).empty()) text.append(" ").append(request.parameter(i));
      return http::text(text);
    };
    return router_.add(
        {.pattern = pattern, .method = method, .gate = std::move(gate), .handler = tell});
  }
  void add_all(const std::vector<std::string>& patterns) {
    for (const std::string& pattern : patterns) ASSERT_TRUE(add(pattern)) << pattern;
  }

  static void aim(http::Exchange& exchange, std::string_view target, Method method = Method::Get) {
    exchange.reset();
    exchange.request.method = method;
    exchange.request.method_text = to_string(method);
    exchange.request.target = target;
    exchange.request.path = target.substr(0, target.find('?'));
  }
  // What a connection does with a request that has no body.
  Response ask(std::string_view target, Method method = Method::Get) {
    aim(exchange_, target, method);
    return ask();
  }
  Response ask() {
    http::Verdict verdict = router_.gate(exchange_);
    if (auto* response = std::get_if<Response>(&verdict)) return *response;
    EXPECT_TRUE(std::holds_alternative<http::Pass>(verdict));
    if (auto response = router_.admit(exchange_)) return *response;
    return router_.handle(exchange_);
  }
  std::string body_of(std::string_view target) { return ask(target).body(); }

  http::Exchange exchange_;
  Router router_{std::vector<std::string>{}};
};

TEST_F(RouterTest, LiteralsBeforeParameters) {
  add_all({"/notes/{name}", "/notes/{id:int}", "/notes/new", "/notes/{rest:path}"});
  EXPECT_EQ(body_of("/notes/new"), "/notes/new");
  EXPECT_EQ(body_of("/notes/7"), "/notes/{id:int} 7");
  EXPECT_EQ(body_of("/notes/seven"), "/notes/{name} seven");
  EXPECT_EQ(body_of("/notes/7/8"), "/notes/{rest:path} 7/8");
}

TEST_F(RouterTest, WhatADeadEndHasTakenIsTriedAgainElsewhere) {
  add_all({"/a/b/c", "/a/{x}/d", "/{y}/b/{z}/e", "/{y:path}"});
  EXPECT_EQ(body_of("/a/b/c"), "/a/b/c");
  EXPECT_EQ(body_of("/a/b/d"), "/a/{x}/d b");
  EXPECT_EQ(body_of("/a/b/c/e"), "/{y}/b/{z}/e a c");
  EXPECT_EQ(body_of("/a/b/c/f"), "/{y:path} a/b/c/f");
}

TEST_F(RouterTest, ParametersAreInTheirOrder) {
  add_all({"/{a}/x/{b:int}/{c}"});
  EXPECT_EQ(body_of("/one/x/2/three"), "/{a}/x/{b:int}/{c} one 2 three");
}

TEST_F(RouterTest, AsManyParametersAsARouteMayHave) {
  add_all({"/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}"});
  EXPECT_EQ(body_of("/1/2/3/4/5/6/7/8"), "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h} 1 2 3 4 5 6 7 8");
  EXPECT_EQ(ask("/1/2/3/4/5/6/7/8/9").status(), 404);
}

TEST_F(RouterTest, WhatNoRouteHasIs404) {
  add_all({"/", "/notes/{id:int}"});
  EXPECT_EQ(body_of("/"), "/");
  for (const char* path : {"/x", "/notes", "/notes/x", "/notes/7/", "/notes/7/8", "//", "/notes//",
                           "/notes/-7", "/Notes/7"}) {
    const Response response = ask(path);
    EXPECT_EQ(response.status(), 404) << path;
    EXPECT_EQ(response.body(), R"({"detail":"Not found."})");
  }
}

TEST_F(RouterTest, ASlashAtTheEndIsAnotherPath) {
  add_all({"/a", "/b/"});
  EXPECT_EQ(ask("/a/").status(), 404);
  EXPECT_EQ(body_of("/b/"), "/b/");
}

TEST_F(RouterTest, APathThatExistsWithASlashIsSaidSo) {
  add_all({"/b/", "/{x}/c/", "/only/{rest:path}"});
  const Response response = ask("/b?x=/&y=%20");
  EXPECT_EQ(response.status(), 301);
  EXPECT_EQ(*response.header("location"), "/b/?x=/&y=%20");
  EXPECT_EQ(*ask("/b").header("location"), "/b/");
  EXPECT_EQ(ask("/b/c/d").status(), 404);
  EXPECT_EQ(ask("/only").status(), 404);
  // Made of the decoded path: whatever form the target had, one form comes back.
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"/%0d%0a/c", "/\r\n/c", "/%0D%0A/c/"},     {"/%62?q=%20", "/b", "/b/?q=%20"},
      {"http://evil.example/b?q", "/b", "/b/?q"}, {"/a\\b/c", "/a\\b/c", "/a%5Cb/c/"},
      {"/\\evil/c", "/\\evil/c", "/%5Cevil/c/"},
  };
  for (const auto& [target, path, location] : cases) {
    aim(exchange_, target);
    exchange_.request.path = path;
    EXPECT_EQ(*ask().header("location"), location);
  }
}

TEST_F(RouterTest, NoRedirectNamesAnotherHost) {
  add_all({"//{a}/"});
  EXPECT_EQ(ask("//evil/").status(), 200);
  // Read by a browser, "//evil/" is a host's name.
  EXPECT_EQ(ask("//evil").status(), 404);
}

TEST_F(RouterTest, AHeadIsAGet) {
  ASSERT_TRUE(add("/a"));
  ASSERT_TRUE(add("/b", Method::Post));
  EXPECT_EQ(ask("/a", Method::Head).body(), "/a");
  EXPECT_EQ(ask("/b", Method::Head).status(), 405);
}

TEST_F(RouterTest, AMethodThatThePathHasNotIs405WithThoseItHas) {
  ASSERT_TRUE(add("/a"));
  ASSERT_TRUE(add("/a", Method::Put));
  ASSERT_TRUE(add("/b", Method::Post));
  const Response response = ask("/a", Method::Delete);
  EXPECT_EQ(response.status(), 405);
  EXPECT_EQ(response.body(), R"({"detail":"Method \"DELETE\" not allowed."})");
  EXPECT_EQ(*response.header("allow"), "GET, PUT, HEAD, OPTIONS");
  EXPECT_EQ(*ask("/b").header("allow"), "POST, OPTIONS");
}

TEST_F(RouterTest, OptionsAreAnsweredWithoutTheGate) {
  ASSERT_TRUE(add("/a", Method::Get, [](http::Exchange&) -> http::Verdict {
    ADD_FAILURE() << "a preflight carries no token";
    return http::detail(401, "");
  }));
  const Response response = ask("/a", Method::Options);
  EXPECT_EQ(response.status(), 200);
  EXPECT_EQ(*response.header("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(ask("/x", Method::Options).status(), 404);
}

TEST_F(RouterTest, OptionsOfARouteOfItsOwnAreItsOwn) {
  ASSERT_TRUE(add("/a"));
  ASSERT_TRUE(add("/a", Method::Options));
  EXPECT_EQ(ask("/a", Method::Options).body(), "/a");
  EXPECT_EQ(*ask("/a", Method::Delete).header("allow"), "GET, HEAD, OPTIONS");
}

TEST_F(RouterTest, OptionsOfTheServerAsAWhole) {
  EXPECT_EQ(ask("*", Method::Options).status(), 200);
}

TEST_F(RouterTest, TheGateIsAskedBeforeTheMethodIsRefused) {
  bool knows = false;
  const auto gate = [&](http::Exchange&) -> http::Verdict {
    if (knows) return http::Pass{};
    return http::detail(401, "Who are you?");
  };
  ASSERT_TRUE(add("/a", Method::Get, gate));
  ASSERT_TRUE(add("/a", Method::Post));
  EXPECT_EQ(ask("/a", Method::Delete).status(), 401);
  knows = true;
  EXPECT_EQ(ask("/a", Method::Delete).status(), 405);
}

TEST_F(RouterTest, EachMethodHasItsOwnGate) {
  ASSERT_TRUE(add("/a", Method::Get,
                  [](http::Exchange&) -> http::Verdict { return http::detail(401, ""); }));
  ASSERT_TRUE(add("/a", Method::Post));
  EXPECT_EQ(ask("/a").status(), 401);
  EXPECT_EQ(ask("/a", Method::Post).status(), 200);
}

TEST_F(RouterTest, TheGateKnowsTheRouteAndTheParameters) {
  std::string seen;
  ASSERT_TRUE(add("/a/{id:int}", Method::Get, [&](http::Exchange& exchange) -> http::Verdict {
    seen = exchange.route->pattern + " " + std::string(exchange.request.parameters[0]);
    return http::Pass{};
  }));
  ask("/a/7");
  EXPECT_EQ(seen, "/a/{id:int} 7");
}

TEST_F(RouterTest, TheSameMethodAndPathTwiceIsAConflict) {
  ASSERT_TRUE(add("/a/{id:int}"));
  EXPECT_TRUE(add("/a/{id:int}", Method::Post));
  EXPECT_TRUE(add("/a/{id}"));
  for (const char* pattern : {"/a/{id:int}", "/a/{other:int}", "/a/{name:str}"}) {
    const Status added = add(pattern);
    ASSERT_FALSE(added) << pattern;
    EXPECT_EQ(added.error().code, Errc::Conflict);
    EXPECT_EQ(added.error().message,
              "route \"" + std::string(pattern) + "\" is defined twice for GET");
  }
}

TEST_F(RouterTest, ABadPatternIsAnError) {
  const Status added = add("/a/{id:float}");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, Errc::InvalidArgument);
}

TEST_F(RouterTest, AQuarantinedRouteIs503BeforeItsGateIsAsked) {
  bool asked = false;
  ASSERT_TRUE(add("/bad/{id:int}", Method::Get, [&](http::Exchange&) -> http::Verdict {
    asked = true;
    return http::Pass{};
  }));
  ASSERT_TRUE(add("/bad/{id:int}", Method::Delete));
  ASSERT_TRUE(add("/good"));
  shm::InFlight::Table table{};
  std::atomic<uint32_t> count = 0;
  shm::InFlight in_flight(table, count);
  aim(exchange_, "/bad/1");
  exchange_.listing.open(in_flight, exchange_);
  EXPECT_EQ(ask().status(), 200);
  const uint64_t route = table.front().route;
  EXPECT_EQ(table.front().pattern.text(), "/bad/{id:int}");
  exchange_.listing.close();

  shm::QuarantineList list;
  router_.obey(list);
  asked = false;
  using Row = shm::QuarantineList::Row;
  list.publish(std::vector<Row>{{.route = route, .until = SteadyTime(std::chrono::seconds(90))}});
  exchange_.started = SteadyTime(std::chrono::milliseconds(50'500));
  for (const Method method : {Method::Get, Method::Head}) {
    const Response refusal = ask("/bad/2", method);
    EXPECT_EQ(refusal.status(), 503);
    EXPECT_TRUE(refusal.body().starts_with("{\"detail\":")) << refusal.body();
    EXPECT_TRUE(std::ranges::any_of(refusal.fields(), [](const http::Field& field) {
      return field.name == "Retry-After" && field.value == "40";
    }));
  }
  EXPECT_FALSE(asked);
  EXPECT_EQ(ask("/bad/2", Method::Delete).status(), 200);
  EXPECT_EQ(ask("/good").status(), 200);
  exchange_.started = SteadyTime(std::chrono::seconds(90));
  EXPECT_EQ(ask("/bad/2").status(), 200);
}

http::Finisher note(const char* name) {
  return [name](const http::Request& request, Response& response) {
    const std::string* const before = response.header("x-order");
    response.set_header("X-Order",
                        (before != nullptr ? *before : "") + name + std::string(request.path()));
  };
}

TEST_F(RouterTest, FinishersRunInTheReverseOfTheirOrder) {
  for (const char* name : {"1", "2", "3"}) router_.add_finisher(note(name));
  aim(exchange_, "/a");
  Response response = http::text("");
  router_.finish(exchange_, response);
  EXPECT_EQ(*response.header("x-order"), "3/a2/a1/a");
}

TEST_F(RouterTest, ARouteHasFinishersOfItsOwn) {
  router_.add_finisher(note("none"));
  ASSERT_TRUE(router_.add({.pattern = "/own",
                           .handler = [](const http::Request&) { return http::text(""); },
                           .finishers = {note("1"), note("2")}}));
  ASSERT_TRUE(router_.add(
      {.pattern = "/bare", .handler = [](const http::Request&) { return http::text(""); }}));
  const struct {
    Method method;
    const char* path;
    const char* order;
  } cases[] = {{Method::Get, "/own", "2/own1/own"},
               {Method::Post, "/own", "2/own1/own"},  // 405: those of the path's first route
               {Method::Options, "/own", "2/own1/own"},
               {Method::Get, "/bare", ""},
               {Method::Get, "/missing", "none/missing"}};
  for (const auto& c : cases) {
    Response response = ask(c.path, c.method);
    router_.finish(exchange_, response);
    const std::string* const order = response.header("x-order");
    EXPECT_EQ(order != nullptr ? *order : "", c.order) << c.path;
  }
}

TEST_F(RouterTest, APreflightIsAnsweredByTheRouteThatIsMeantAheadOfItsGate) {
  const auto say = [](std::string what) -> http::Preflight {
    return [what](const http::Request&) { return http::text(what); };
  };
  bool asked = false;
  ASSERT_TRUE(router_.add({.pattern = "/x",
                           .gate = [&asked](http::Exchange&) -> http::Verdict {
                             asked = true;
                             return Response(401);
                           },
                           .handler = [](const http::Request&) { return http::text(""); },
                           .preflight = say("get")}));
  ASSERT_TRUE(router_.add({.pattern = "/x", .method = Method::Put, .handler = [](const auto&) {
                             return http::text("");
                           }}));
  const auto preflight = [&](const char* path, const char* meant, bool origin = true) {
    aim(exchange_, path, Method::Options);
    if (meant != nullptr)
      exchange_.request.fields.push_back({"Access-Control-Request-Method", meant});
    if (origin) exchange_.request.fields.push_back({"Origin", "https://a.example"});
    return std::get<Response>(router_.gate(exchange_));
  };
  EXPECT_EQ(preflight("/x", "GET").body(), "get");
  EXPECT_EQ(preflight("/x", "PUT").body(), "");  // the ordinary answer to OPTIONS
  EXPECT_EQ(preflight("/missing", "GET").status(), 404);
  router_.set_preflight(say("router"));
  EXPECT_EQ(preflight("/x", "GET").body(), "get");
  EXPECT_EQ(preflight("/x", "PUT").body(), "router");
  EXPECT_EQ(preflight("/x", "PATCH").body(), "router");
  EXPECT_EQ(preflight("/missing", "GET").body(), "router");
  EXPECT_EQ(preflight("/x", nullptr).body(), "");
  EXPECT_EQ(preflight("/x", "GET", /*origin=*/false).body(), "");
  EXPECT_FALSE(asked);
}

TEST_F(RouterTest, WelcomesARequestBeforeItLooksForItsRoute) {
  router_.set_welcome([](http::Exchange& exchange) { exchange.request.request_id = "7"; });
  EXPECT_EQ(ask("/missing").status(), 404);
  EXPECT_EQ(exchange_.request.request_id, "7");
}

}  // namespace
}  // namespace tollgate::routing
