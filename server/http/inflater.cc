// SPDX-License-Identifier: Apache-2.0
#include "server/http/inflater.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>

namespace tollgate::http {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;
constexpr char kFirstByte = '\x1f';  // of each member

}  // namespace

struct Inflater::Stream {
  z_stream z{};

  Stream() {
    if (inflateInit2(&z, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { inflateEnd(&z); }
};

Inflater::Inflater(uint32_t ratio)
    : ratio_(std::max(ratio, 1U)), stream_(std::make_unique<Stream>()) {}
Inflater::~Inflater() = default;

Inflater::Outcome Inflater::feed(std::string_view bytes, const Sink& sink) {
  z_stream& z = stream_->z;
  received_ += bytes.size();
  // zlib's interface is older than const.
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  while (z.avail_in > 0) {
    if (ended_) {
      // RFC 1952 2.2: members follow each other, with nothing before, between, or after them.
      if (static_cast<char>(*z.next_in) != kFirstByte) return Outcome::Corrupt;
      inflateReset(&z);
      ended_ = false;
    }
    if (const Outcome outcome = inflate_member(sink); outcome != Outcome::Ok) return outcome;
  }
  return Outcome::Ok;
}

// To the end of the member, or of what there is of it.
Inflater::Outcome Inflater::inflate_member(const Sink& sink) {
  z_stream& z = stream_->z;
  std::array<char, 16384> room;
  do {
    z.next_out = reinterpret_cast<Bytef*>(room.data());
    z.avail_out = room.size();
    const int result = inflate(&z, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result == Z_BUF_ERROR) return Outcome::Ok;  // nothing more to do without more input
    if (result != Z_OK && result != Z_STREAM_END) return Outcome::Corrupt;
    ended_ = result == Z_STREAM_END;
    const std::size_t made = room.size() - z.avail_out;
    made_ += made;
    if (is_too_much()) return Outcome::TooMuch;
    if (made > 0 && !sink({room.data(), made})) return Outcome::Stopped;
  } while (!ended_ && (z.avail_in > 0 || z.avail_out == 0));
  return Outcome::Ok;
}

// By what has been read, and not by what came: so it counts for nothing in what pieces it came.
bool Inflater::is_too_much() const {
  return made_ > kFree && made_ / ratio_ > received_ - stream_->z.avail_in;
}

}  // namespace tollgate::http
