// SPDX-License-Identifier: Apache-2.0
#include "server/worker/acceptor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include "server/log/logging.h"
#include "server/net/event_loop.h"

namespace tollgate::worker {
namespace {

using namespace std::chrono_literals;

// How long a worker leaves a connection to the less loaded ones.
constexpr auto kYield = 1ms;

std::string address_text(const sockaddr_storage& peer) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (peer.ss_family == AF_INET)
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(peer).sin_addr, text.data(),
              text.size());
  else if (peer.ss_family == AF_INET6)
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr, text.data(),
              text.size());
  return text.data();
}

// Accepted sockets inherit all but the first. Those of TCP fail on a Unix socket, which does not
// matter.
void set_options(int listener, std::chrono::milliseconds defer) {
  const auto set = [listener](int level, int option, int value) {
    setsockopt(listener, level, option, &value, sizeof(value));
  };
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(defer);
  set(IPPROTO_TCP, TCP_DEFER_ACCEPT, static_cast<int>(seconds.count()));
  // Answers are whole writes, and must not wait for an ACK.
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  // A host that vanished while it is pushed to, or worked for, is missed after two minutes.
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set(IPPROTO_TCP, TCP_KEEPCNT, 4);
}

}  // namespace

Acceptor::Acceptor(uv_loop_t* loop, UniqueFd listener, Events events)
    : listener_(std::move(listener)),
      events_(std::move(events)),
      epoll_(uv_backend_fd(loop)),
      yield_(loop, [this] {
        if (state_ != State::Yielding) return;
        state_ = State::Open;
        accept_one();
        if (state_ == State::Open) arm();
      }) {}

Result<std::unique_ptr<Acceptor>> Acceptor::create(uv_loop_t* loop, UniqueFd listener,
                                                   std::chrono::milliseconds defer, Events events) {
  std::unique_ptr<Acceptor> acceptor(new Acceptor(loop, std::move(listener), std::move(events)));
  set_options(acceptor->listener_.get(), defer);

  auto handle = std::make_unique<uv_poll_t>();
  if (const int status = uv_poll_init(loop, handle.get(), acceptor->listener_.get()); status != 0)
    return fail(net::from_uv("uv_poll_init on a listening socket", status));
  handle->data = acceptor.get();
  acceptor->poll_.reset(handle.release());
  acceptor->arm();
  return acceptor;
}

Acceptor::~Acceptor() {
  if (poll_ && state_ != State::Closed) uv_poll_stop(poll_.get());
}

void Acceptor::on_connection() {
  if (state_ != State::Open) return;
  if (!events_.has_room() && !events_.make_room()) {
    events_.paused(shm::Tally::FullConnections);
    return pause();
  }
  if (!events_.may_accept()) {
    state_ = State::Yielding;
    disarm();
    return yield_.start(kYield);
  }
  accept_one();
  if (state_ != State::Open) return;
  make_exclusive();
  disarm();  // and to the end of the kernel's queue of waiters
  arm();
}

Acceptor::Accepted Acceptor::accept_one() {
  sockaddr_storage peer{};
  socklen_t length = sizeof(peer);
  UniqueFd socket(accept4(listener_.get(), reinterpret_cast<sockaddr*>(&peer), &length,
                          SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket.valid()) {
    events_.accepted(std::move(socket), address_text(peer));
    return Accepted::One;
  }
  if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
    on_exhausted(errno);
    return Accepted::Exhausted;
  }
  // ECONNABORTED and the like concern one client only.
  if (errno != EAGAIN && errno != EWOULDBLOCK) return Accepted::Failed;
  on_queue_empty();  // or another worker was faster
  return Accepted::None;
}

// Until a connection ends, or the next tick.
void Acceptor::on_exhausted(int errno_value) {
  pause();
  if (std::exchange(exhausted_, true)) return;
  log::error("accepting pauses: {}", from_errno("accept4", errno_value).message);
  events_.paused(shm::Tally::NoDescriptors);
}

// One accepted connection does not end a lack of descriptors: it may have taken the last one.
void Acceptor::on_queue_empty() {
  if (std::exchange(exhausted_, false)) log::info("accepting goes on: nobody waits any more");
}

void Acceptor::pause() {
  state_ = State::Paused;
  disarm();
}

// A pause ends whether there is room or not: if somebody waits, somebody may have to make some.
void Acceptor::tick() {
  if (state_ == State::Paused) {
    state_ = State::Open;
    arm();
  }
  if (state_ != State::Open || !events_.has_room()) return;
  make_exclusive();
  accept_one();
}

void Acceptor::resume() {
  if (state_ != State::Paused || !events_.has_room()) return;
  state_ = State::Open;
  arm();
}

void Acceptor::drain() {
  if (state_ == State::Closed) return;
  // What one client did (ECONNABORTED) must not cost those behind it in the queue.
  for (Accepted last = Accepted::One; last == Accepted::One || last == Accepted::Failed;)
    last = accept_one();
  state_ = State::Closed;
  yield_.stop();
  uv_poll_stop(poll_.get());
  listener_.reset();
}

// libuv adds a descriptor to its epoll set when it next polls, so the first
// chance to replace that is the first event or tick.
void Acceptor::make_exclusive() {
  if (watch_ == Watch::Exclusive || !armed_) return;
  epoll_event event{.events = EPOLLIN | EPOLLEXCLUSIVE, .data = {.fd = listener_.get()}};
  if (epoll_ctl(epoll_, EPOLL_CTL_DEL, listener_.get(), nullptr) != 0) return;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_.get(), &event) == 0) {
    watch_ = Watch::Exclusive;
    return;
  }
  // A kernel without it: as libuv had it.
  event.events = EPOLLIN;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_.get(), &event);
}

void Acceptor::arm() {
  if (armed_) return;
  armed_ = true;
  if (watch_ == Watch::Exclusive) {
    epoll_event event{.events = EPOLLIN | EPOLLEXCLUSIVE, .data = {.fd = listener_.get()}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_.get(), &event);
    return;
  }
  uv_poll_start(poll_.get(), UV_READABLE, [](uv_poll_t* handle, int, int) {
    if (handle->data != nullptr) static_cast<Acceptor*>(handle->data)->on_connection();
  });
}

void Acceptor::disarm() {
  if (!armed_) return;
  armed_ = false;
  if (watch_ == Watch::Exclusive)
    epoll_ctl(epoll_, EPOLL_CTL_DEL, listener_.get(), nullptr);
  else
    uv_poll_stop(poll_.get());
}

}  // namespace tollgate::worker
