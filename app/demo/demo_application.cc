// The demo: a small service that uses every feature once. Built into the
// binary, and also as libtollgate_demo.so, by the same lines as any application.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "app/api/application.h"
#include "app/demo/notes.h"
#include "app/demo/page.h"

namespace {

using namespace tollgate;

// For the contrast of development and production (scripts/bench contrast): what happens
// to the other clients while one handler blocks, hangs or crashes.
Response block(std::chrono::milliseconds time) {
  std::this_thread::sleep_for(time);
  return text("blocked for " + std::to_string(time.count()) + " ms\n");
}

constexpr int64_t kLongest = 60'000;  // ms

void define_contrast(Application& app) {
  app.get("/block", [] { return block(std::chrono::milliseconds(20)); }).allow_anyone().blocking();
  app.get("/block/{ms:int}",
          [](int64_t ms) { return block(std::chrono::milliseconds(std::min(ms, kLongest))); })
      .allow_anyone()
      .blocking();
  // On the loop, where a handler must not block: this one does, to be seen.
  app.get("/hang/{ms:int}",
          [](int64_t ms) { return block(std::chrono::milliseconds(std::min(ms, kLongest))); })
      .require(is_admin());
  app.get("/crash", []() -> Response { std::abort(); }).require(is_admin());
}

}  // namespace

TOLLGATE_APP(app) {
  app.token_endpoints("/api/token/");
  app.get("/", [] { return http::html(demo::kPage); }).allow_anyone();
  app.get("/plain", [] { return Response(200, "text/plain", "Hello, World!"); }).allow_anyone();
  app.get("/json", [] { return json({{"message", "Hello, World!"}}); }).allow_anyone();
  app.post("/echo",
           [](const Request& request) -> Result<Response> {
             TOLLGATE_TRY(document, parse_json(request));
             return json(document);
           })
      .allow_anyone();
  app.get("/api/me", [](const Request& request) {
    return json({{"id", request.identity().id}, {"username", request.identity().name}});
  });
  define_contrast(app);
  demo::define_notes(app, app.own<demo::NotesStore>(app.config().database));
}
