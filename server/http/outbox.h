// What a connection has written and its client has not yet taken: bytes, and parts of files,
// in their order. As long as all is taken at once, it holds nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "server/http/content.h"
#include "server/net/stream.h"

namespace tollgate::http {

class Outbox {
 public:
  Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;
  ~Outbox();

  // Nothing waits.
  bool empty() const { return waiting_ == nullptr; }

  // `head` and then `body`, behind what waits; as much as `stream` takes leaves at once. `head`
  // is empty afterwards. False: the client is gone, or a file is shorter than it was.
  [[nodiscard]] bool send(net::Stream& stream, std::string& head, Pieces body = {});

  // As much of what waits as `stream` takes; of a file, only so much that other connections
  // need not wait for long. False as above.
  [[nodiscard]] bool resume(net::Stream& stream);

  void clear();

  // Bytes that the stream has taken since this was last asked.
  uint64_t take_progress();

 private:
  struct Waiting;
  enum class Outcome : uint8_t { Taken, Blocked, Failed };

  Outcome send_front(net::Stream& stream);
  Outcome send_bytes(net::Stream& stream, const std::string& bytes);
  Outcome send_part(net::Stream& stream, const FilePart& part);

  std::unique_ptr<Waiting> waiting_;
  uint64_t progress_ = 0;
};

}  // namespace tollgate::http
