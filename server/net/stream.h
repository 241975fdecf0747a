// A connection's bytes: what HTTP reads from and writes to, whatever carries it.
//
// One owner (the connection), one thread (the loop). The stream tells its
// Events when a read or a write may succeed; nothing is buffered here, so
// back-pressure is simply not asking.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace tollgate::net {

struct IoResult {
  enum class State : uint8_t { Done, WouldBlock, Eof, Failed } state;
  std::size_t bytes = 0;  // of Done: more than 0
  int error = 0;          // of Failed: errno
};

class Stream {
 public:
  class Events {
   public:
    // Either may destroy the stream.
    virtual void on_readable() = 0;
    virtual void on_writable() = 0;

   protected:
    ~Events() = default;
  };

  virtual ~Stream() = default;

  // Which events to be told of, from now on; none at first.
  virtual void want(bool readable, bool writable) = 0;

  // Never block. A write may take a part.
  virtual IoResult read(std::span<char> into) = 0;
  virtual IoResult write(std::span<const iovec> pieces) = 0;

  // No more writes: the peer reads end of file. Reading goes on.
  virtual void shut_down_writing() = 0;
};

}  // namespace tollgate::net
