// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/compress.h"

#include <algorithm>
#include <array>
#include <utility>

#include "server/base/text.h"
#include "server/middleware/vary.h"

namespace tollgate::middleware {
namespace {

// The first of what a client likes the same.
constexpr std::array kOffered = {http::Coding::Brotli, http::Coding::Gzip};
// Of a large body, what is compressed in one turn of the loop.
constexpr std::size_t kPiece = std::size_t{16} << 10;

// Made where the handler ran, so perhaps on several threads in turn: it shares nothing.
struct Stream {
  std::unique_ptr<Encoder> encoder;
  bool over = false;
};

http::Generator compress_pieces(http::Coding coding, http::Generator source) {
  auto stream = std::make_shared<Stream>(Stream{.encoder = make_encoder(coding, 0)});
  return [stream, source = std::move(source)]() -> http::Pulled {
    if (stream->over) return std::nullopt;
    TOLLGATE_TRY(piece, source());
    stream->over = !piece;
    if (stream->over) return stream->encoder->encode({}, Flush::Finish);
    if (piece->empty()) return std::string();
    return stream->encoder->encode(*piece, Flush::Sync);
  };
}

http::Generator compress_bytes(http::Coding coding, std::string bytes) {
  auto stream = std::make_shared<Stream>(Stream{.encoder = make_encoder(coding, bytes.size())});
  return [stream, bytes = std::move(bytes), sent = std::size_t{0}]() mutable -> http::Pulled {
    if (stream->over) return std::nullopt;
    const std::string_view piece = std::string_view(bytes).substr(sent, kPiece);
    sent += piece.size();
    stream->over = sent == bytes.size();
    return stream->encoder->encode(piece, stream->over ? Flush::Finish : Flush::No);
  };
}

void weaken_etag(http::Response& response) {
  const std::string* const tag = response.header("etag");
  if (tag != nullptr && tag->starts_with('"')) response.set_header("ETag", "W/" + *tag);
}

}  // namespace

bool is_compressible(std::string_view content_type) {
  const std::string type = to_lower(trim(content_type.substr(0, content_type.find(';'))));
  constexpr std::string_view kTypes[] = {"application/json",
                                         "application/javascript",
                                         "application/xml",
                                         "application/manifest+json",
                                         "application/wasm",
                                         "application/x-ndjson",
                                         "application/graphql",
                                         "image/svg+xml",
                                         "image/bmp",
                                         "image/x-icon",
                                         "font/ttf",
                                         "font/otf"};
  return type.starts_with("text/") || type.ends_with("+json") || type.ends_with("+xml") ||
         std::ranges::count(kTypes, type) > 0;
}

bool could_compress(const http::Response& response) {
  const int status = response.status();
  // A part of the plain bytes (206) is no part of the compressed ones.
  if (status < 200 || status >= 300 || status == 204 || status == 205 || status == 206)
    return false;
  const http::Content& content = response.content();
  const auto* const bytes = std::get_if<std::string>(&content);
  if (bytes != nullptr ? bytes->size() < kLeastToCompress
                       : !std::holds_alternative<http::Generator>(content))
    return false;
  const std::string* const type = response.header("content-type");
  if (type == nullptr || !is_compressible(*type)) return false;
  if (response.header("content-encoding") != nullptr) return false;
  return std::ranges::none_of(response.fields(), [](const http::Field& field) {
    return iequals(field.name, "cache-control") && http::list_contains(field.value, "no-transform");
  });
}

http::Coding negotiate(const http::Request& request, http::Response& response) {
  using http::Coding;
  if (!could_compress(response)) return Coding::Identity;
  add_vary(response, "Accept-Encoding");
  const Coding coding = http::choose(request.headers(), kOffered).value_or(Coding::Identity);
  if (coding != Coding::Identity) weaken_etag(response);
  return coding;
}

void Compressor::finish(const http::Request& request, http::Response& response) {
  const http::Coding coding = negotiate(request, response);
  if (coding == http::Coding::Identity) return;
  response.set_content(encode(coding, response.take_content()));
  response.set_header("Content-Encoding", std::string(to_string(coding)));
}

http::Content Compressor::encode(http::Coding coding, http::Content content) {
  if (auto* const generator = std::get_if<http::Generator>(&content))
    return compress_pieces(coding, std::move(*generator));
  std::string& bytes = std::get<std::string>(content);
  if (bytes.size() > kMostAtOnce) return compress_bytes(coding, std::move(bytes));
  if (coding == http::Coding::Brotli)
    return make_encoder(coding, bytes.size())->encode(bytes, Flush::Finish);
  if (!gzip_)
    gzip_ = make_encoder(coding, 0);
  else
    gzip_->reset();
  return gzip_->encode(bytes, Flush::Finish);
}

}  // namespace tollgate::middleware
