// A Stream in memory, and the Wire behind it: what a client would do, said by
// the test. The wire outlives the stream, so that a test can look at what was
// written and see that the stream was closed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "server/net/stream.h"

namespace tollgate::tests {

struct Wire {
  // The client's side.
  std::string input;              // sent, and not read by the server
  bool input_ended = false;       // then the server reads end of file
  bool broken = false;            // reads and writes fail
  std::size_t room = kUnlimited;  // how much the client still takes

  // What the server did.
  std::string output;
  std::vector<std::string> writes;  // the bytes of each write, one by one
  bool writing_ended = false;       // shut_down_writing()
  bool closed = false;              // the stream is destroyed
  bool reset = false;               // and the client can see that something is missing
  bool wants_read = false;
  bool wants_write = false;

  static constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();
};

class MemoryStream final : public net::Stream {
 public:
  // `wire` outlives the stream.
  explicit MemoryStream(Wire& wire) : wire_(wire) {}
  MemoryStream(const MemoryStream&) = delete;
  MemoryStream& operator=(const MemoryStream&) = delete;
  ~MemoryStream() override {
    wire_.closed = true;
    wire_.wants_read = wire_.wants_write = false;
  }

  void want(bool readable, bool writable) override {
    wire_.wants_read = readable;
    wire_.wants_write = writable;
  }

  net::IoResult read(std::span<char> into) override {
    if (wire_.broken) return {net::IoResult::State::Failed, 0, ECONNRESET};
    if (wire_.input.empty())
      return {wire_.input_ended ? net::IoResult::State::Eof : net::IoResult::State::WouldBlock};
    const std::size_t bytes = std::min(into.size(), wire_.input.size());
    std::memcpy(into.data(), wire_.input.data(), bytes);
    wire_.input.erase(0, bytes);
    return {net::IoResult::State::Done, bytes};
  }

  net::IoResult write(std::span<const iovec> pieces, More) override {
    if (wire_.broken) return {net::IoResult::State::Failed, 0, EPIPE};
    if (wire_.room == 0) return {net::IoResult::State::WouldBlock};
    std::string taken;
    for (const iovec& piece : pieces)
      taken.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
    taken.resize(std::min(taken.size(), wire_.room));
    if (wire_.room != Wire::kUnlimited) wire_.room -= taken.size();
    wire_.output += taken;
    wire_.writes.push_back(taken);
    return {net::IoResult::State::Done, taken.size()};
  }

  net::IoResult send_file(int file, uint64_t offset, std::size_t size) override {
    if (wire_.broken) return {net::IoResult::State::Failed, 0, EPIPE};
    if (wire_.room == 0) return {net::IoResult::State::WouldBlock};
    std::string bytes(std::min(size, wire_.room), '\0');
    const ssize_t read = pread(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (read < 0) return {net::IoResult::State::Failed, 0, errno};
    bytes.resize(static_cast<std::size_t>(read));
    if (wire_.room != Wire::kUnlimited) wire_.room -= bytes.size();
    wire_.output += bytes;
    return {net::IoResult::State::Done, bytes.size()};
  }

  void shut_down_writing() override { wire_.writing_ended = true; }
  void reset_on_close() override { wire_.reset = true; }

 private:
  Wire& wire_;
};

}  // namespace tollgate::tests
