// An application whose bodies are made while they are sent.
// SPDX-License-Identifier: Apache-2.0
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>

#include "app/api/application.h"

using namespace tollgate;

namespace {

// `count` lines of 1 KiB, each beginning with its number.
http::Generator lines(int64_t count) {
  return [count, next = int64_t{0}]() mutable -> http::Pulled {
    if (next == count) return std::nullopt;
    std::string line = std::to_string(next++);
    line.resize(1023, '.');
    return line + "\n";
  };
}

// Tells all that listen what one has said.
class Chat {
 public:
  Response listen() {
    const http::Push push;
    const std::lock_guard lock(mutex_);
    listeners_.push_back(push);
    push.send("data: welcome\n\n");
    return http::stream("text/event-stream", push);
  }
  Response say(std::string_view what) {
    const std::lock_guard lock(mutex_);
    for (const http::Push& push : listeners_) {
      push.send("data: " + std::string(what) + "\n\n");
      if (what == "bye") push.close();
      if (what == "break") push.abort();
    }
    return http::no_content();
  }
  Response count() {
    const std::lock_guard lock(mutex_);
    std::erase_if(listeners_, [](const http::Push& push) { return !push.open(); });
    return text(std::to_string(listeners_.size()));
  }

 private:
  std::mutex mutex_;
  std::list<http::Push> listeners_;
};

}  // namespace

TOLLGATE_APP(app) {
  auto& chat = app.own<Chat>();
  app.get("/lines/{count:int}",
          [](int64_t count) { return http::stream("text/plain", lines(count)); })
      .allow_anyone();
  app.get("/blocking/{count:int}",
          [](int64_t count) { return http::stream("text/plain", lines(count)); })
      .allow_anyone()
      .blocking();
  app.get("/throws",
          [] {
            return http::stream("text/plain", [n = 0]() mutable -> http::Pulled {
              if (n++ < 3) return "piece\n";
              throw std::runtime_error("no luck with the fourth");
            });
          })
      .allow_anyone();
  app.get("/events", [&chat] { return chat.listen(); }).allow_anyone();
  app.get("/listeners", [&chat] { return chat.count(); }).allow_anyone();
  app.post("/say/{what}", [&chat](std::string_view what) { return chat.say(what); })
      .allow_anyone()
      .blocking();  // so that another thread than the loop's feeds the bodies
  app.get("/plain", [] { return text("plain\n"); }).allow_anyone();
  app.get(
         "/split",
         [] { return Response(200, "text/plain", "x").set_header("X-Name", "a\r\nSet-Cookie: b"); })
      .allow_anyone();
}
