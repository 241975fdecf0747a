// Owning pointer to a libuv handle.
//
// libuv keeps a handle until its close callback has run, so the memory must
// outlive its owner: destroying the owner starts the close, and the handle
// frees itself when libuv lets go of it. From the moment the owner is gone
// data is null; callbacks that may come late (a cancelled write) check it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uv.h>

#include <memory>

namespace tollgate::net {

struct CloseThenDelete {
  template <class H>
  void operator()(H* handle) const {
    handle->data = nullptr;
    uv_close(reinterpret_cast<uv_handle_t*>(handle),
             [](uv_handle_t* h) { delete reinterpret_cast<H*>(h); });
  }
};

template <class H>
using UvHandle = std::unique_ptr<H, CloseThenDelete>;

}  // namespace tollgate::net
