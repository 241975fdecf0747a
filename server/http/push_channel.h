// What stands between the handles of a pushed body (push.h) and its connection.
//
//   Open --close, last handle gone, drain--> Ending --all taken--> Over
//     \--abort--> Broken
//
// Handles are on any thread; the connection is on the loop's.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "server/http/push.h"

namespace tollgate::http {

class PushChannel {
 public:
  explicit PushChannel(std::size_t room) : room_(room) {}
  PushChannel(const PushChannel&) = delete;
  PushChannel& operator=(const PushChannel&) = delete;

  // The handles' side.
  Push::Sent send(std::string bytes);
  void close();
  void abort();
  bool open() const;
  std::size_t waiting() const;

  // For one response: false the second time.
  bool claim();

  // The connection's side. `ring` is called, on any thread, when there is something to take
  // that was not there at the last take(); not after detach().
  void attach(std::function<void()> ring);
  // Nobody takes any more: the client has left, or there was none.
  void detach();

  struct Taken {
    enum class Then : uint8_t { More, End, Failed } then;
    std::string bytes;
  };
  Taken take();

 private:
  enum class State : uint8_t { Open, Ending, Broken, Over };
  void end(State how);
  void ring();

  const std::size_t room_;
  mutable std::mutex mutex_;  // guards what follows
  State state_ = State::Open;
  bool claimed_ = false;
  std::string bytes_;
  std::function<void()> ring_;
  bool rung_ = false;  // since the last take()
};

// The connection's end as the content of a response: when the last copy of it dies, sent or not,
// nobody takes any more. The content of a second response is a broken body.
std::shared_ptr<PushChannel> reader_of(const Push& push);

}  // namespace tollgate::http
