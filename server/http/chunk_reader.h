// Takes the framing off a chunked body (RFC 9112 7.1): bytes in, data out, or why not. Pure.
//
// llhttp 8 is not asked: it refuses extensions that are legal and takes some that are none. Here
// the grammar is a table (chunk_reader.cc), and nothing that it lacks is accepted: a line ends in
// CRLF and in nothing else, also within quotes. Extensions are dropped.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tollgate::http {

class ChunkReader {
 public:
  struct Piece {
    enum class Kind : uint8_t {
      More,     // nothing yet
      Chunk,    // the next has `size` bytes
      Data,     // some of them: the first `consumed` that were fed
      Last,     // the last chunk: trailers come next
      Refused,  // `status` and `reason`
    } kind;
    std::size_t consumed = 0;
    uint64_t size = 0;
    int status = 0;
    std::string_view reason = {};  // static text
  };
  // `bytes` is not empty. What is left behind `consumed` is to be fed again.
  Piece feed(std::string_view bytes);

  // Ready for the next body.
  void reset() { *this = {}; }

  enum class State : uint8_t {
    FirstDigit,
    Digits,
    BeforeSemicolon,
    BeforeName,
    Name,
    BeforeEquals,
    BeforeValue,
    Token,
    Quoted,
    Escaped,
    AfterQuoted,
    LineFeed,
    Data,
    DataCr,
    DataLf,
    Refused,
  };

 private:
  bool take_digit(int value);
  bool take(char c);

  State state_ = State::FirstDigit;
  uint64_t left_ = 0;         // of the chunk
  std::size_t overhead_ = 0;  // bytes of extensions, and zeros before sizes, of the whole body
};

}  // namespace tollgate::http
