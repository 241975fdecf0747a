// A TCP or Unix connection as a Stream: uv_poll_t with own recv and sendmsg.
//
// Not uv_tcp_t: its reads are pushed, and it gives no event for sendfile; the
// cost of both is the same (reference/perf.md).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "server/base/result.h"
#include "server/base/unique_fd.h"
#include "server/net/stream.h"
#include "server/net/uv_handle.h"

namespace tollgate::net {

class SocketStream final : public Stream {
 public:
  // `socket` is connected and non-blocking. `events` must outlive the stream.
  // The loop knows nothing of the socket before the first want(). If it cannot watch it then, the
  // stream hears of nothing: its owner's deadlines end it.
  SocketStream(uv_loop_t* loop, UniqueFd socket, Events& events);
  SocketStream(const SocketStream&) = delete;
  SocketStream& operator=(const SocketStream&) = delete;
  ~SocketStream() override;

  void want(bool readable, bool writable) override;
  IoResult read(std::span<char> into) override;
  IoResult write(std::span<const iovec> pieces, More more = More::No) override;
  IoResult send_file(int file, uint64_t offset, std::size_t size) override;
  void shut_down_writing() override;
  void reset_on_close() override;

 private:
  bool watch();
  static void on_poll(uv_poll_t* handle, int status, int events);

  uv_loop_t* const loop_;
  UniqueFd socket_;
  Events& events_;
  int wanted_ = 0;  // UV_READABLE, UV_WRITABLE
  UvHandle<uv_poll_t> poll_;
};

}  // namespace tollgate::net
