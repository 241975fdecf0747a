// SPDX-License-Identifier: Apache-2.0
#include "server/net/doorbell.h"

#include <utility>

namespace tollgate::net {

Doorbell::Doorbell(uv_loop_t* loop, std::function<void(uint64_t)> answer)
    : answer_(std::move(answer)), async_(new uv_async_t) {
  uv_async_init(loop, async_.get(), [](uv_async_t* handle) {
    if (handle->data != nullptr) static_cast<Doorbell*>(handle->data)->deliver();
  });
  async_->data = this;
  // It must not keep the loop alive.
  uv_unref(reinterpret_cast<uv_handle_t*>(async_.get()));
}

void Doorbell::ring(uint64_t whom) {
  const std::lock_guard lock(mutex_);
  rung_.push_back(whom);
  if (rung_.size() == 1) uv_async_send(async_.get());
}

void Doorbell::deliver() {
  std::vector<uint64_t> rung;
  {
    const std::lock_guard lock(mutex_);
    rung.swap(rung_);
  }
  for (const uint64_t whom : rung) answer_(whom);
}

}  // namespace tollgate::net
