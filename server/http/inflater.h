// Undoes "Content-Encoding: gzip" (RFC 9110 8.4.1.3, RFC 1952), piece by piece, and stops what
// becomes far more than came in. No I/O.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace tollgate::http {

class Inflater {
 public:
  // `ratio`: bytes that one byte may become. A body below kFree is never too much: text that
  // repeats itself is a thousandth.
  static constexpr uint64_t kFree = uint64_t{64} << 10;
  explicit Inflater(uint32_t ratio);
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater();

  enum class Outcome : uint8_t { Ok, Corrupt, TooMuch, Stopped };
  // Gives what `bytes` become to `sink`, which says false to stop it. After anything but Ok it
  // must not be called again.
  using Sink = std::function<bool(std::string_view)>;
  Outcome feed(std::string_view bytes, const Sink& sink);

  // Whether what came is whole: members to their ends, with nothing behind. Nothing is whole, too.
  bool is_complete() const { return ended_ || received_ == 0; }
  // Bytes that came.
  uint64_t received() const { return received_; }

 private:
  struct Stream;
  bool is_too_much() const;
  Outcome inflate_member(const Sink& sink);

  const uint32_t ratio_;
  std::unique_ptr<Stream> stream_;
  bool ended_ = false;  // the member; another may follow
  uint64_t received_ = 0;
  uint64_t made_ = 0;
};

}  // namespace tollgate::http
