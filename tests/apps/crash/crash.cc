// An application that crashes and hangs in every way that a worker has to leave a note of. Its
// functions have names that a backtrace can show.
// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>

#include "app/api/application.h"

#define VISIBLE __attribute__((visibility("default"), noinline))

using namespace tollgate;

VISIBLE void crash_by_segv();
VISIBLE void crash_by_abort();
VISIBLE void crash_by_trap();
VISIBLE int crash_by_overflow(int depth);
VISIBLE void hang();

void crash_by_segv() {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): an address that nobody has
  auto* volatile nowhere = reinterpret_cast<volatile int*>(uintptr_t{0x1230});
  *nowhere = 1;
}
void crash_by_abort() { std::abort(); }
void crash_by_trap() { __builtin_trap(); }
int crash_by_overflow(int depth) {
  if (depth < 0) return 0;
  volatile char room[1000] = {};
  room[0] = static_cast<char>(depth);
  return crash_by_overflow(depth + 1) + room[0];
}
void hang() {
  for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
}

namespace {

struct Waiting {
  std::atomic<int> entered = 0;
  std::atomic<bool> go = false;
};

// Each way on the loop, and under /blocking on the pool.
template <class Crash>
void add(Application& app, const std::string& path, Crash crash) {
  const auto handler = [crash]() -> Response {
    crash();
    return text("it lives\n");
  };
  app.get(path, handler).allow_anyone();
  app.get(path + "/blocking", handler).allow_anyone().blocking();
}

}  // namespace

TOLLGATE_APP(app) {
  app.get("/ok", [] { return text("ok\n"); }).allow_anyone();
  add(app, "/segv", crash_by_segv);
  add(app, "/abort", crash_by_abort);
  add(app, "/trap", crash_by_trap);
  add(app, "/overflow", [] { crash_by_overflow(0); });
  app.get("/hang", []() -> Response { return hang(), text(""); }).allow_anyone();

  // Waits until it is told to go, and then crashes. Who comes here has a token.
  auto& waiting = app.own<Waiting>();
  app.get("/crash/{name}",
          [&waiting](const Request&, const std::string&) -> Response {
            ++waiting.entered;
            while (!waiting.go) std::this_thread::sleep_for(std::chrono::milliseconds(1));
            crash_by_segv();
            return text("it lives\n");
          })
      .blocking();
  app.get("/entered", [&waiting] { return text(std::to_string(waiting.entered)); }).allow_anyone();
  app.get("/go",
          [&waiting] {
            waiting.go = true;
            return text("");
          })
      .allow_anyone();
}
