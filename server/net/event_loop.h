// One worker's uv_loop_t: run, stop, and the check that nothing is left in it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uv.h>

#include <memory>
#include <string_view>

#include "server/base/result.h"

namespace tollgate::net {

class EventLoop {
 public:
  // Errors: Io (uv_loop_init: out of descriptors).
  static Result<std::unique_ptr<EventLoop>> create();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Handles must have been given to uv_close before; what is still open is a
  // bug of ours, which the debug build asserts.
  ~EventLoop();

  // Runs until stop() or until nothing is left to wait for.
  void run() { uv_run(&loop_, UV_RUN_DEFAULT); }
  // One look without waiting: callbacks that are due run.
  void run_once() { uv_run(&loop_, UV_RUN_NOWAIT); }
  void stop() { uv_stop(&loop_); }

  // Lets close callbacks run; gives the number of handles that are still open: must be 0.
  int close();

  uv_loop_t* raw() { return &loop_; }

 private:
  EventLoop() = default;
  uv_loop_t loop_{};
  bool closed_ = false;
};

// "what: the text of the libuv error (UV_EMFILE)".
Error from_uv(std::string_view what, int status);

}  // namespace tollgate::net
