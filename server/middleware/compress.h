// Responses compressed with brotli or gzip, as the client accepts them.
//
// What it gives away (BREACH), and so where it must be off, is said in app/api/application.h.
//
// What is compressed: media types that profit, from 1 KiB, of 2xx responses that have no
// Content-Encoding and no Cache-Control: no-transform. Bytes up to 64 KiB at once, on the loop;
// larger ones and generators piece by piece, as the client takes them: then their length is
// not known. Each piece of a generator goes out as it comes, so that what is live stays live.
// Files and pushed bodies are left alone. A client that accepts nothing that we have, and not even
// identity, gets identity: of more use to it than a 406.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "server/http/handler.h"
#include "server/middleware/encoder.h"

namespace tollgate::middleware {

inline constexpr std::size_t kLeastToCompress = 1024;
inline constexpr std::size_t kMostAtOnce = std::size_t{64} << 10;

// "application/json; charset=utf-8" and the like; application/…+json and …+xml, too.
bool is_compressible(std::string_view content_type);

// Whether it is worth it, whatever the client accepts: then the response varies.
bool could_compress(const http::Response& response);

// Chooses the coding of a response that could be compressed, which varies by that from now on,
// and weakens its tag if it is coded: a strong one promises the same bytes (RFC 9110 8.8.3).
http::Coding negotiate(const http::Request& request, http::Response& response);

// Of one worker; keeps what can be used again. Loop thread only.
class Compressor {
 public:
  // The finisher: Vary, and the coding that the client prefers.
  void finish(const http::Request& request, http::Response& response);

 private:
  http::Content encode(http::Coding coding, http::Content content);

  std::unique_ptr<Encoder> gzip_;  // kept between responses
};

}  // namespace tollgate::middleware
