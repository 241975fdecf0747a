// SPDX-License-Identifier: Apache-2.0
#include "server/net/event_loop.h"

#include <cassert>
#include <string>

namespace tollgate::net {

Result<std::unique_ptr<EventLoop>> EventLoop::create() {
  std::unique_ptr<EventLoop> loop(new EventLoop());
  if (const int status = uv_loop_init(&loop->loop_); status != 0) {
    loop->closed_ = true;
    return fail(from_uv("uv_loop_init", status));
  }
  return loop;
}

EventLoop::~EventLoop() {
  if (closed_) return;
  [[maybe_unused]] const int left = close();
  assert(left == 0);
}

int EventLoop::close() {
  // Two rounds: a close callback may itself have closed another handle.
  for (int round = 0; round < 2; ++round) uv_run(&loop_, UV_RUN_NOWAIT);
  if (uv_loop_close(&loop_) == 0) {
    closed_ = true;
    return 0;
  }
  int left = 0;
  uv_walk(
      &loop_, [](uv_handle_t*, void* count) { ++*static_cast<int*>(count); }, &left);
  return left;
}

Error from_uv(std::string_view what, int status) {
  return Error{Errc::Io,
               std::string(what) + ": " + uv_strerror(status) + " (" + uv_err_name(status) + ")"};
}

}  // namespace tollgate::net
