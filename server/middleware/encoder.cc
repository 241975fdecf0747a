// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/encoder.h"

#include <brotli/encode.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <new>

namespace tollgate::middleware {
namespace {

constexpr std::size_t kStep = std::size_t{16} << 10;  // of output, at first

class GzipEncoder final : public Encoder {
 public:
  GzipEncoder() {
    constexpr int kGzipFraming = 16;  // added to the window's bits: RFC 1952 and not 1950
    if (deflateInit2(&stream_, kGzipLevel, Z_DEFLATED, MAX_WBITS + kGzipFraming, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  GzipEncoder(const GzipEncoder&) = delete;
  GzipEncoder& operator=(const GzipEncoder&) = delete;
  ~GzipEncoder() override { deflateEnd(&stream_); }

  void reset() override { deflateReset(&stream_); }

  std::string encode(std::string_view bytes, Flush flush) override {
    constexpr int kFlushes[] = {Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH};
    std::string out;
    std::size_t used = 0;
    // zlib does not write to what it reads.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      out.resize(std::max(kStep, 2 * used));
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + used);
      stream_.avail_out = static_cast<uInt>(out.size() - used);
      deflate(&stream_, kFlushes[static_cast<std::size_t>(flush)]);
      used = out.size() - stream_.avail_out;
    } while (stream_.avail_out == 0);
    out.resize(used);
    return out;
  }

 private:
  z_stream stream_{};
};

// The library has no way to use a state again.
class BrotliEncoder final : public Encoder {
 public:
  explicit BrotliEncoder(std::size_t size) : size_(size) { make(); }

  void reset() override { make(); }

  std::string encode(std::string_view bytes, Flush flush) override {
    constexpr BrotliEncoderOperation kOperations[] = {
        BROTLI_OPERATION_PROCESS, BROTLI_OPERATION_FLUSH, BROTLI_OPERATION_FINISH};
    const auto operation = kOperations[static_cast<std::size_t>(flush)];
    std::string out;
    std::size_t left = bytes.size();
    const auto* next = reinterpret_cast<const uint8_t*>(bytes.data());
    std::size_t room = 0;
    do {
      if (!BrotliEncoderCompressStream(state_.get(), operation, &left, &next, &room, nullptr,
                                       nullptr))
        throw std::bad_alloc();  // the one thing that can fail here
      while (BrotliEncoderHasMoreOutput(state_.get())) {
        std::size_t size = 0;
        const uint8_t* const made = BrotliEncoderTakeOutput(state_.get(), &size);
        out.append(reinterpret_cast<const char*>(made), size);
      }
    } while (left > 0);
    return out;
  }

 private:
  struct Destroy {
    void operator()(BrotliEncoderState* state) const { BrotliEncoderDestroyInstance(state); }
  };

  void make() {
    state_.reset(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr));
    if (!state_) throw std::bad_alloc();
    constexpr int kLargestWindow = 18;  // 256 KiB: what a stream costs in memory
    const int bits = size_ == 0 ? kLargestWindow : static_cast<int>(std::bit_width(size_));
    set(BROTLI_PARAM_QUALITY, kBrotliQuality);
    set(BROTLI_PARAM_LGWIN, std::clamp(bits, BROTLI_MIN_WINDOW_BITS, kLargestWindow));
    if (size_ > 0)
      set(BROTLI_PARAM_SIZE_HINT, static_cast<int>(std::min<std::size_t>(size_, 1U << 30)));
  }
  void set(BrotliEncoderParameter parameter, int value) {
    BrotliEncoderSetParameter(state_.get(), parameter, static_cast<uint32_t>(value));
  }

  const std::size_t size_;
  std::unique_ptr<BrotliEncoderState, Destroy> state_;
};

}  // namespace

std::unique_ptr<Encoder> make_encoder(http::Coding coding, std::size_t size) {
  if (coding == http::Coding::Brotli) return std::make_unique<BrotliEncoder>(size);
  return std::make_unique<GzipEncoder>();
}

}  // namespace tollgate::middleware
