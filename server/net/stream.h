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
  std::size_t bytes = 0;  // of Done: more than 0, but at the end of a file
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

  // Never block. A write may take a part. More: what follows at once shall share a packet
  // with it.
  enum class More : bool { No, Yes };
  virtual IoResult read(std::span<char> into) = 0;
  virtual IoResult write(std::span<const iovec> pieces, More more = More::No) = 0;

  // Up to `size` bytes of a file, from `offset`. Done with 0 bytes: the file ends there. May
  // wait for the disk.
  virtual IoResult send_file(int file, uint64_t offset, std::size_t size) = 0;

  // No more writes: the peer reads end of file. Reading goes on.
  virtual void shut_down_writing() = 0;

  // When this stream is destroyed, the peer gets a reset: it must not take what it has got for
  // all that there was.
  virtual void reset_on_close() = 0;
};

}  // namespace tollgate::net
