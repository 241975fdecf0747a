// The framing itself is in the corpus (tests/data/http, rfc9112_7_1_*); here is what it counts.
// SPDX-License-Identifier: Apache-2.0
#include "server/http/chunk_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace tollgate::http {
namespace {

using Kind = ChunkReader::Piece::Kind;

// The status of what is refused, 0 where all of it is read.
int read(ChunkReader& reader, std::string_view bytes) {
  while (!bytes.empty()) {
    const ChunkReader::Piece piece = reader.feed(bytes);
    if (piece.kind == Kind::Refused) return piece.status;
    bytes.remove_prefix(piece.consumed);
    if (piece.kind == Kind::Last) break;
  }
  return 0;
}

TEST(ChunkReader, ASizeIsToldBeforeItsData) {
  ChunkReader reader;
  const ChunkReader::Piece chunk = reader.feed("fFfFfFfFfFfFfFfF;a\r\nabc");
  EXPECT_EQ(chunk.kind, Kind::Chunk);
  EXPECT_EQ(chunk.size, UINT64_MAX);
  EXPECT_EQ(chunk.consumed, 20U);
  const ChunkReader::Piece data = reader.feed("abc");
  EXPECT_EQ(data.kind, Kind::Data);
  EXPECT_EQ(data.consumed, 3U);
}

TEST(ChunkReader, TheLastChunkIsReadUpToItsTrailers) {
  ChunkReader reader;
  const ChunkReader::Piece last = reader.feed("000;a=b\r\nX: y\r\n\r\n");
  EXPECT_EQ(last.kind, Kind::Last);
  EXPECT_EQ(last.consumed, 9U);
}

TEST(ChunkReader, WhatIsBesideTheDataIsCountedOverAllChunks) {
  const std::string chunk = "1;" + std::string(1022, 'a') + "\r\nx\r\n";  // 1023 of extension
  ChunkReader reader;
  for (int i = 0; i < 8; ++i) EXPECT_EQ(read(reader, chunk), 0) << i;
  EXPECT_EQ(read(reader, chunk), 431);
  reader.reset();
  EXPECT_EQ(read(reader, chunk), 0);

  ChunkReader zeros;
  EXPECT_EQ(read(zeros, std::string(8000, '0') + "1\r\nx\r\n"), 0);
  EXPECT_EQ(read(zeros, std::string(8000, '0') + "1\r\nx\r\n"), 431);
}

TEST(ChunkReader, ASizeOfMoreThan64BitsIsRefusedAtItsDigit) {
  ChunkReader reader;
  EXPECT_EQ(reader.feed("10000000000000000").kind, Kind::Refused);
}

}  // namespace
}  // namespace tollgate::http
