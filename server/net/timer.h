// A libuv timer with an owner and a function.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>

#include "server/net/uv_handle.h"

namespace tollgate::net {

class Timer {
 public:
  // `fired` runs on the loop; it may destroy the timer.
  Timer(uv_loop_t* loop, std::function<void()> fired);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() = default;

  // Fires once after `delay`, and then each `repeat`, if that is not 0. Starting again replaces.
  void start(std::chrono::milliseconds delay, std::chrono::milliseconds repeat = {});
  void stop() { uv_timer_stop(handle_.get()); }
  bool active() const { return uv_is_active(reinterpret_cast<uv_handle_t*>(handle_.get())) != 0; }

 private:
  std::function<void()> fired_;
  UvHandle<uv_timer_t> handle_;
};

}  // namespace tollgate::net
