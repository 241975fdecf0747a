// An application that says when its hooks are called, and fails where HOOKS_FAIL tells it to.
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include "app/api/application.h"
#include "server/log/logging.h"

using namespace tollgate;

namespace {

void say(std::string_view what) {
  log::write(LogLevel::Info, "hook: " + std::string(what));
  const char* const fail_at = std::getenv("HOOKS_FAIL");
  if (fail_at != nullptr && what == fail_at) throw std::runtime_error("no luck");
}

}  // namespace

TOLLGATE_APP(app) {
  say("define");
  app.on_worker_start([] { say("start 1"); });
  app.on_worker_start([] { say("start 2"); });
  app.on_ready([] { say("ready"); });
  app.on_worker_stop([] { say("stop 1"); });
  app.on_worker_stop([] { say("stop 2"); });
  app.get("/plain", [] { return text("plain\n"); }).allow_anyone();
  app.get("/environment/{name}",
          [](std::string_view name) {
            const char* const value = std::getenv(std::string(name).c_str());
            return text(value == nullptr ? "(none)" : value);
          })
      .allow_anyone();
  app.get("/directory",
          [] {
            char buffer[4096];
            return text(getcwd(buffer, sizeof buffer) == nullptr ? "" : buffer);
          })
      .allow_anyone();
}
