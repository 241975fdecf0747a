// SPDX-License-Identifier: Apache-2.0
#include "server/net/timer.h"

namespace tollgate::net {

Timer::Timer(uv_loop_t* loop, std::function<void()> fired)
    : fired_(std::move(fired)), handle_(new uv_timer_t) {
  uv_timer_init(loop, handle_.get());
  handle_->data = this;
}

void Timer::start(std::chrono::milliseconds delay, std::chrono::milliseconds repeat) {
  uv_timer_start(
      handle_.get(),
      [](uv_timer_t* timer) {
        if (timer->data != nullptr) static_cast<Timer*>(timer->data)->fired_();
      },
      static_cast<uint64_t>(delay.count()), static_cast<uint64_t>(repeat.count()));
}

}  // namespace tollgate::net
