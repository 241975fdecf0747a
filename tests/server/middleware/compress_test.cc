// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/compress.h"

#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <optional>

#include "server/http/push.h"
#include "tests/server/middleware/exchange_of.h"

namespace tollgate::middleware {
namespace {

using http::Content;
using http::Generator;
using http::Pulled;
using http::Response;

const std::string kLong(5000, 'x');

std::string gunzip(std::string_view bytes) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
  std::string out(4'000'000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  inflate(&stream, Z_SYNC_FLUSH);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

std::string unbrotli(std::string_view bytes) {
  const std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> state(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), &BrotliDecoderDestroyInstance);
  std::string out(4'000'000, '\0');
  std::size_t in_left = bytes.size();
  const auto* next_in = reinterpret_cast<const uint8_t*>(bytes.data());
  std::size_t out_left = out.size();
  auto* next_out = reinterpret_cast<uint8_t*>(out.data());
  BrotliDecoderDecompressStream(state.get(), &in_left, &next_in, &out_left, &next_out, nullptr);
  out.resize(out.size() - out_left);
  return out;
}

std::string decode(std::string_view coding, std::string_view bytes) {
  return coding == "br" ? unbrotli(bytes) : coding == "gzip" ? gunzip(bytes) : std::string(bytes);
}

Response finished(std::string_view accepts, Response response) {
  Compressor compressor;
  const auto exchange = exchange_of({{"Accept-Encoding", accepts}});
  compressor.finish(http::Request(exchange->request), response);
  return response;
}

// All of the body; what does not end is cut.
std::string all_of(Content content) {
  if (auto* bytes = std::get_if<std::string>(&content)) return *bytes;
  std::string out;
  auto& generator = std::get<Generator>(content);
  for (int i = 0; i < 10'000; ++i) {
    const Pulled piece = generator();
    if (!piece || !*piece) break;
    out += **piece;
  }
  return out;
}

TEST(Compress, WhatIsWorthIt) {
  const struct {
    const char* name;
    Response response;
    bool worth;
  } cases[] = {
      {"text", http::text(kLong), true},
      {"json", http::json_text(kLong), true},
      {"svg", Response(200, "image/svg+xml", kLong), true},
      {"problem", Response(200, "application/problem+json", kLong), true},
      {"upper case", Response(200, "Application/JSON; charset=utf-8", kLong), true},
      {"created", http::json_text(kLong, 201), true},
      {"generator", http::stream("text/plain", Generator()), true},
      {"exactly the least", http::text(std::string(kLeastToCompress, 'x')), true},
      {"a byte less", http::text(std::string(kLeastToCompress - 1, 'x')), false},
      {"png", Response(200, "image/png", kLong), false},
      {"no type", Response(200, "", kLong), false},
      {"zip", Response(200, "application/zip", kLong), false},
      {"error", http::text(kLong, 500), false},
      {"part", http::text(kLong, 206), false},
      {"coded", http::text(kLong).set_header("Content-Encoding", "zstd"), false},
      {"no-transform", http::text(kLong).set_header("Cache-Control", "private, no-transform"),
       false},
      {"pushed", http::stream("text/event-stream", http::Push()), false},
      {"file", Response(200, "text/plain", http::Pieces{kLong}), false},
  };
  for (const auto& c : cases) {
    const Response response = finished("gzip", c.response);
    EXPECT_EQ(field_of(response, "Content-Encoding") == "gzip", c.worth) << c.name;
    EXPECT_EQ(field_of(response, "Vary"), c.worth ? "Accept-Encoding" : "") << c.name;
  }
}

TEST(Compress, GivesBackWhatWentIn) {
  std::string mixed;
  for (uint64_t i = 1; mixed.size() < 3'000'000; ++i) mixed += std::to_string(i * i) + ' ';
  for (const char* coding : {"gzip", "br"}) {
    for (const std::size_t size : {kLeastToCompress, kMostAtOnce, kMostAtOnce + 1, 2 * kMostAtOnce,
                                   std::size_t{3'000'000}}) {
      Response response = finished(coding, http::text(mixed.substr(0, size)));
      EXPECT_EQ(std::holds_alternative<std::string>(response.content()), size <= kMostAtOnce);
      EXPECT_EQ(field_of(response, "Content-Encoding"), coding);
      EXPECT_EQ(decode(coding, all_of(response.take_content())), mixed.substr(0, size))
          << coding << ' ' << size;
    }
  }
}

TEST(Compress, OneCompressorServesManyResponses) {
  Compressor compressor;
  for (const char* coding : {"gzip", "br", "gzip", "gzip"}) {
    const auto exchange = exchange_of({{"Accept-Encoding", coding}});
    Response response = http::text(kLong + coding);
    compressor.finish(http::Request(exchange->request), response);
    EXPECT_EQ(decode(coding, response.body()), kLong + coding);
  }
}

TEST(Compress, EachPieceOfAGeneratorCanBeReadWhenItComes) {
  for (const char* coding : {"gzip", "br"}) {
    Response response =
        finished(coding, http::stream("text/plain", [n = 0]() mutable -> Pulled {
                   return n == 3 ? Pulled(std::nullopt) : Pulled("piece " + std::to_string(n++));
                 }));
    Content content = response.take_content();
    auto& generator = std::get<Generator>(content);
    std::string sent;
    for (const char* so_far : {"piece 0", "piece 0piece 1", "piece 0piece 1piece 2"}) {
      sent += generator()->value();
      EXPECT_EQ(decode(coding, sent), so_far) << coding;
    }
    sent += generator()->value();
    EXPECT_FALSE(*generator());
    EXPECT_EQ(decode(coding, sent), "piece 0piece 1piece 2");
  }
}

TEST(Compress, AFailureOfTheGeneratorStaysOne) {
  Response response = finished(
      "gzip", http::stream("text/plain", []() -> Pulled { return fail(Errc::Io, "the disk"); }));
  Content content = response.take_content();
  EXPECT_FALSE(std::get<Generator>(content)());
}

TEST(Compress, AnEmptyPieceSendsNothing) {
  Response response = finished("gzip", http::stream("text/plain", []() -> Pulled { return ""; }));
  Content content = response.take_content();
  EXPECT_EQ(std::get<Generator>(content)()->value(), "");
}

TEST(Compress, AStrongTagBecomesAWeakOne) {
  const auto tag = [](const char* accepts, const char* given) {
    return field_of(finished(accepts, http::text(kLong).set_header("ETag", given)), "ETag");
  };
  EXPECT_EQ(tag("br", "\"a\""), "W/\"a\"");
  EXPECT_EQ(tag("br", "W/\"a\""), "W/\"a\"");
  EXPECT_EQ(tag("identity", "\"a\""), "\"a\"");
}

TEST(Compress, WhoAcceptsNothingGetsItAsItIs) {
  for (const char* accepts : {"", "identity;q=0", "*;q=0", "zstd", "gzip;q=0, br;q=0"}) {
    const Response response = finished(accepts, http::text(kLong).set_header("Vary", "Cookie"));
    EXPECT_EQ(response.body(), kLong) << accepts;
    EXPECT_EQ(field_of(response, "Vary"), "Cookie, Accept-Encoding") << accepts;
  }
}

}  // namespace
}  // namespace tollgate::middleware
