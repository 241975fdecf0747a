// Runs a function once, after the loop's next look at its descriptors.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "server/net/uv_handle.h"

namespace tollgate::net {

class AfterPoll {
 public:
  // `due` runs on the loop, when the events that were waiting have been handled.
  AfterPoll(uv_loop_t* loop, std::function<void()> due);
  AfterPoll(const AfterPoll&) = delete;
  AfterPoll& operator=(const AfterPoll&) = delete;
  ~AfterPoll() = default;

  void request();

 private:
  std::function<void()> due_;
  UvHandle<uv_check_t> handle_;
};

}  // namespace tollgate::net
