// Reads the head's lines before llhttp does, and closes what llhttp 8 leaves
// open (reference/http.md 1): bare CR and LF, obs-fold, empty names, controls,
// foreign protocols, and every size.
//
// Pure: fed in any pieces, it gives the same verdict, that of the first byte
// which cannot stand where it stands.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/http/limits.h"

namespace tollgate::http {

class HeadScanner {
 public:
  explicit HeadScanner(const Limits& limits) : limits_(limits) {}

  struct Verdict {
    enum class Kind : uint8_t { More, Complete, Refused } kind;
    std::size_t consumed = 0;      // of Complete: up to and with the empty line
    int status = 0;                // of Refused
    std::string_view reason = {};  // of Refused: static text
  };
  Verdict feed(std::string_view bytes);

  // Ready for the next head.
  void reset();
  // Ready for trailers: fields, without a request line before them.
  void reset_to_fields();

 private:
  Verdict end_of_line();
  Verdict end_of_request_line();
  Verdict within_line(std::string_view piece);
  bool fits(std::string_view piece) const;
  Verdict take(char c);
  void take_well(std::string_view piece);

  const Limits& limits_;
  std::size_t line_ = 0;         // 0: the request line has not begun
  std::size_t line_length_ = 0;  // of the current line, so far
  std::size_t head_ = 0;         // bytes of the head so far
  std::size_t spaces_ = 0;       // in the request line
  char last_ = 0;                // of the current line, so far
  std::array<char, 10> tail_{};  // the last bytes of the request line: " HTTP/1.1\r"
};

}  // namespace tollgate::http
