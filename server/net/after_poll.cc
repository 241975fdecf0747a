// SPDX-License-Identifier: Apache-2.0
#include "server/net/after_poll.h"

namespace tollgate::net {

AfterPoll::AfterPoll(uv_loop_t* loop, Due due) : due_(std::move(due)), handle_(new uv_check_t) {
  uv_check_init(loop, handle_.get());
  handle_->data = this;
}

void AfterPoll::request() {
  uv_check_start(handle_.get(), [](uv_check_t* check) {
    uv_check_stop(check);
    if (check->data == nullptr) return;
    // libuv looks at the clock, of which SteadyTime is the time, when the poll has returned.
    const SteadyTime polled{std::chrono::milliseconds(uv_now(check->loop))};
    static_cast<AfterPoll*>(check->data)->due_(polled);
  });
}

}  // namespace tollgate::net
