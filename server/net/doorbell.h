// Tells the loop, from any thread, that something has come for one of its objects, which the
// loop knows by a number.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "server/net/uv_handle.h"

namespace tollgate::net {

class Doorbell {
 public:
  // `answer` runs on the loop, once for each ring().
  Doorbell(uv_loop_t* loop, std::function<void(uint64_t)> answer);
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;
  ~Doorbell() = default;

  // On any thread, as long as the doorbell lives.
  void ring(uint64_t whom);

 private:
  void deliver();

  const std::function<void(uint64_t)> answer_;
  std::mutex mutex_;
  std::vector<uint64_t> rung_;
  UvHandle<uv_async_t> async_;
};

}  // namespace tollgate::net
