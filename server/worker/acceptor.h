// Accepts connections on one shared listening socket, one a wake-up.
//
// The socket is registered with EPOLLEXCLUSIVE, so that a connection wakes one
// worker and not all, and registered anew after each accept, so that the next
// wakes another (reference/perf.md, "fair"). libuv does not know that flag: the
// registration that uv_poll_start made is replaced by hand, and from then on
// this file is its only owner.
//
//   Open --not the least loaded--> Yielding --1 ms--> Open (and accepts one)
//   Open --worker_connections reached, or out of descriptors--> Paused --resume()--> Open
//   any --drain()--> Closed
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>
#include <uv.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "server/base/result.h"
#include "server/base/unique_fd.h"
#include "server/net/timer.h"
#include "server/net/uv_handle.h"
#include "server/shm/tally.h"

namespace tollgate::worker {

class Acceptor {
 public:
  struct Events {
    std::function<bool()> may_accept;  // least-loaded admission
    std::function<bool()> has_room;    // below worker_connections
    // Somebody waits, and there is no room: ends a connection that can be spared, or says false.
    std::function<bool()> make_room;
    std::function<void(UniqueFd socket, std::string remote_address)> accepted;
    // Accepting pauses: FullConnections, or NoDescriptors, which is said once until it is over.
    std::function<void(shm::Tally why)> paused;
  };

  // Takes the process's copy of the listening socket, which must be non-blocking. `defer`: how long
  // a TCP connection without a request stays with the kernel, for all who share the socket.
  // Errors: Io.
  static Result<std::unique_ptr<Acceptor>> create(uv_loop_t* loop, UniqueFd listener,
                                                  std::chrono::milliseconds defer, Events events);
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;
  ~Acceptor();

  // Each beat: re-registers exclusively if that is due, and tries an accept, since the worker
  // that the kernel woke may have stalled after its wake-up.
  void tick();

  // A connection has ended, or descriptors are free again.
  void resume();

  // Accepts what is queued, and closes this process's copy of the socket.
  void drain();

 private:
  enum class State : uint8_t { Open, Yielding, Paused, Closed };

  Acceptor(uv_loop_t* loop, UniqueFd listener, Events events);
  void on_connection();
  enum class Accepted : uint8_t { One, None, Failed, Exhausted };
  Accepted accept_one();
  void on_exhausted(int errno_value);
  void on_queue_empty();
  void pause();
  void arm();
  void disarm();
  void make_exclusive();

  UniqueFd listener_;
  Events events_;
  State state_ = State::Open;
  int epoll_ = -1;  // the loop's
  enum class Watch : uint8_t { Plain, Exclusive } watch_ = Watch::Plain;
  bool armed_ = false;
  bool exhausted_ = false;  // the lack of descriptors was logged, and is not known to be over
  net::Timer yield_;
  net::UvHandle<uv_poll_t> poll_;
};

}  // namespace tollgate::worker
