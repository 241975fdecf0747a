// One body through zlib or libbrotlienc, piece by piece.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "server/http/accept_encoding.h"

namespace tollgate::middleware {

// Speed over size: it runs on the loop. On JSON these two take about the same time.
inline constexpr int kGzipLevel = 4;
inline constexpr int kBrotliQuality = 3;

enum class Flush : uint8_t {
  No,      // what comes out may wait for more to come in
  Sync,    // what went in can be read by the client
  Finish,  // the end
};

class Encoder {
 public:
  virtual ~Encoder() = default;
  // The next bytes of the coded body. Throws std::bad_alloc only.
  virtual std::string encode(std::string_view bytes, Flush flush) = 0;
  // Begins another body.
  virtual void reset() = 0;
};

// `size`: of the whole body, if it is known, so that no larger window is allocated than
// it can fill; 0: it is not. `coding` is not Identity.
std::unique_ptr<Encoder> make_encoder(http::Coding coding, std::size_t size);

}  // namespace tollgate::middleware
