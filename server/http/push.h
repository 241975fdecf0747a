// A body that others feed: server-sent events, long polling.
//
//   Push push;
//   subscribers.add(push);                            // a handle: copies feed the same body
//   return http::stream("text/event-stream", push);
//   …
//   push.send("data: 1\n\n");                         // from any thread, at any time
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "server/base/export.h"

namespace tollgate::http {

class PushChannel;

// A handle, thread-safe, of one response. What is sent before the response is out waits for it.
// When the last handle is gone, the body ends as if closed.
class TOLLGATE_API Push {
 public:
  // At most `room` bytes wait for the client to take them.
  explicit Push(std::size_t room = std::size_t{1} << 20);

  enum class Sent : uint8_t {
    Taken,  // on its way
    Full,   // the client is slower than this: nothing was taken; try again later, or give up
    Gone,   // the client has left, or the body has ended: stop
  };
  Sent send(std::string bytes) const;

  // The end. What was sent before is still delivered.
  void close() const;
  // The end, as a failure: the client sees that the response is not complete.
  void abort() const;

  // False: send() would say Gone. A worker that drains ends its pushed bodies, so that their
  // clients come again, to the worker that replaces it.
  bool open() const;
  // Bytes that the client has not taken yet.
  std::size_t waiting() const;

  // For the server.
  const std::shared_ptr<PushChannel>& channel() const { return channel_; }

 private:
  std::shared_ptr<PushChannel> channel_;
  std::shared_ptr<const void> last_;  // closes the channel when the last handle dies
};

}  // namespace tollgate::http
