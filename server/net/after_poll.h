// Runs a function once, after the loop's next look at its descriptors.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "server/base/clock.h"
#include "server/net/uv_handle.h"

namespace tollgate::net {

class AfterPoll {
 public:
  // `due` runs on the loop, when the events that were waiting at `polled` have been handled. That
  // may be long ago: what has become due since may have events that wait.
  using Due = std::function<void(SteadyTime polled)>;
  AfterPoll(uv_loop_t* loop, Due due);
  AfterPoll(const AfterPoll&) = delete;
  AfterPoll& operator=(const AfterPoll&) = delete;
  ~AfterPoll() = default;

  void request();

 private:
  Due due_;
  UvHandle<uv_check_t> handle_;
};

}  // namespace tollgate::net
