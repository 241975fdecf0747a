// SPDX-License-Identifier: Apache-2.0
#include "server/net/socket_stream.h"

#include <sys/sendfile.h>
#include <sys/socket.h>

#include <cerrno>

#include "server/log/logging.h"
#include "server/net/event_loop.h"

namespace tollgate::net {

SocketStream::SocketStream(uv_loop_t* loop, UniqueFd socket, Events& events)
    : loop_(loop), socket_(std::move(socket)), events_(events) {}

// A connection that ends before it had to wait is spared the four system calls of this.
bool SocketStream::watch() {
  auto handle = std::make_unique<uv_poll_t>();
  if (const int status = uv_poll_init(loop_, handle.get(), socket_.get()); status != 0) {
    log::error("a connection is lost: {}", from_uv("uv_poll_init", status).message);
    return false;
  }
  handle->data = this;
  poll_.reset(handle.release());
  return true;
}

// libuv must take the descriptor out of its epoll set before it is closed.
SocketStream::~SocketStream() {
  if (poll_) uv_poll_stop(poll_.get());
}

void SocketStream::want(bool readable, bool writable) {
  const int wanted = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
  if (wanted == wanted_) return;
  wanted_ = wanted;
  if (!poll_ && (wanted == 0 || !watch())) return;
  if (wanted == 0)
    uv_poll_stop(poll_.get());
  else
    uv_poll_start(poll_.get(), wanted, on_poll);
}

// After each call the stream may be gone, and then `data` is null.
void SocketStream::on_poll(uv_poll_t* handle, int status, int events) {
  const auto self = [&] { return static_cast<SocketStream*>(handle->data); };
  // An error is found by the read or the write that it concerns; maybe not by the first, since
  // what came before it is read first. libuv has stopped watching, so begin anew.
  if (status < 0 && self() != nullptr) {
    events = UV_READABLE | UV_WRITABLE;
    uv_poll_start(handle, self()->wanted_, on_poll);
  }
  if ((events & UV_WRITABLE) != 0 && self() != nullptr && (self()->wanted_ & UV_WRITABLE) != 0)
    self()->events_.on_writable();
  if ((events & UV_READABLE) != 0 && self() != nullptr && (self()->wanted_ & UV_READABLE) != 0)
    self()->events_.on_readable();
}

IoResult SocketStream::read(std::span<char> into) {
  for (;;) {
    const ssize_t n = ::recv(socket_.get(), into.data(), into.size(), 0);
    if (n > 0) return {IoResult::State::Done, static_cast<std::size_t>(n)};
    if (n == 0) return {IoResult::State::Eof};
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoResult::State::WouldBlock};
    return {IoResult::State::Failed, 0, errno};
  }
}

IoResult SocketStream::write(std::span<const iovec> pieces, More more) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());  // sendmsg does not write to it
  message.msg_iovlen = pieces.size();
  const int flags = MSG_NOSIGNAL | (more == More::Yes ? MSG_MORE : 0);
  for (;;) {
    const ssize_t n =
        pieces.size() == 1  // which costs the kernel less
            ? ::send(socket_.get(), pieces.front().iov_base, pieces.front().iov_len, flags)
            : ::sendmsg(socket_.get(), &message, flags);
    if (n >= 0) return {IoResult::State::Done, static_cast<std::size_t>(n)};
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoResult::State::WouldBlock};
    return {IoResult::State::Failed, 0, errno};
  }
}

IoResult SocketStream::send_file(int file, uint64_t offset, std::size_t size) {
  auto at = static_cast<off_t>(offset);
  for (;;) {
    const ssize_t n = ::sendfile(socket_.get(), file, &at, size);
    if (n >= 0) return {IoResult::State::Done, static_cast<std::size_t>(n)};
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoResult::State::WouldBlock};
    return {IoResult::State::Failed, 0, errno};
  }
}

void SocketStream::shut_down_writing() { ::shutdown(socket_.get(), SHUT_WR); }

void SocketStream::reset_on_close() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

}  // namespace tollgate::net
