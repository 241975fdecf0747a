// SPDX-License-Identifier: Apache-2.0
#include "server/http/chunk_reader.h"

#include <algorithm>
#include <array>

#include "server/base/text.h"
#include "server/http/headers.h"

namespace tollgate::http {
namespace {

using State = ChunkReader::State;
using Piece = ChunkReader::Piece;

// Extensions and zeros before sizes are read and thrown away; a client that sends more of them
// than this, in one body, is up to no good (CVE-2024-22019).
constexpr std::size_t kMaxOverhead = 8192;

enum class Class : uint8_t {
  Tchar,
  Space,
  Semicolon,
  Equals,
  Quote,
  Backslash,
  Text,
  Cr,
  Lf,
  Control
};
constexpr std::size_t kStates = static_cast<std::size_t>(State::Refused);
constexpr std::size_t kClasses = static_cast<std::size_t>(Class::Control) + 1;

Class class_of(char c) {
  switch (c) {
    case ' ':
    case '\t':
      return Class::Space;
    case ';':
      return Class::Semicolon;
    case '=':
      return Class::Equals;
    case '"':
      return Class::Quote;
    case '\\':
      return Class::Backslash;
    case '\r':
      return Class::Cr;
    case '\n':
      return Class::Lf;
    default:
      break;
  }
  const std::string_view text(&c, 1);
  if (is_field_name(text)) return Class::Tchar;
  return is_field_value(text) ? Class::Text : Class::Control;
}

struct Transition {
  State from;
  Class on;
  State to;
};

//   chunk-size *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ) CRLF
//
// and the CRLF behind the data. The digits of a size are take_digit()'s.
constexpr std::array kTransitions = {
    Transition{State::Digits, Class::Space, State::BeforeSemicolon},
    Transition{State::Digits, Class::Semicolon, State::BeforeName},
    Transition{State::Digits, Class::Cr, State::LineFeed},
    Transition{State::BeforeSemicolon, Class::Space, State::BeforeSemicolon},
    Transition{State::BeforeSemicolon, Class::Semicolon, State::BeforeName},
    Transition{State::BeforeName, Class::Space, State::BeforeName},
    Transition{State::BeforeName, Class::Tchar, State::Name},
    Transition{State::Name, Class::Tchar, State::Name},
    Transition{State::Name, Class::Space, State::BeforeEquals},
    Transition{State::Name, Class::Equals, State::BeforeValue},
    Transition{State::Name, Class::Semicolon, State::BeforeName},
    Transition{State::Name, Class::Cr, State::LineFeed},
    Transition{State::BeforeEquals, Class::Space, State::BeforeEquals},
    Transition{State::BeforeEquals, Class::Equals, State::BeforeValue},
    Transition{State::BeforeEquals, Class::Semicolon, State::BeforeName},
    Transition{State::BeforeValue, Class::Space, State::BeforeValue},
    Transition{State::BeforeValue, Class::Tchar, State::Token},
    Transition{State::BeforeValue, Class::Quote, State::Quoted},
    Transition{State::Token, Class::Tchar, State::Token},
    Transition{State::Token, Class::Space, State::BeforeSemicolon},
    Transition{State::Token, Class::Semicolon, State::BeforeName},
    Transition{State::Token, Class::Cr, State::LineFeed},
    Transition{State::Quoted, Class::Tchar, State::Quoted},
    Transition{State::Quoted, Class::Space, State::Quoted},
    Transition{State::Quoted, Class::Semicolon, State::Quoted},
    Transition{State::Quoted, Class::Equals, State::Quoted},
    Transition{State::Quoted, Class::Text, State::Quoted},
    Transition{State::Quoted, Class::Backslash, State::Escaped},
    Transition{State::Quoted, Class::Quote, State::AfterQuoted},
    Transition{State::Escaped, Class::Tchar, State::Quoted},
    Transition{State::Escaped, Class::Space, State::Quoted},
    Transition{State::Escaped, Class::Semicolon, State::Quoted},
    Transition{State::Escaped, Class::Equals, State::Quoted},
    Transition{State::Escaped, Class::Text, State::Quoted},
    Transition{State::Escaped, Class::Backslash, State::Quoted},
    Transition{State::Escaped, Class::Quote, State::Quoted},
    Transition{State::AfterQuoted, Class::Space, State::BeforeSemicolon},
    Transition{State::AfterQuoted, Class::Semicolon, State::BeforeName},
    Transition{State::AfterQuoted, Class::Cr, State::LineFeed},
    Transition{State::LineFeed, Class::Lf, State::Data},
    Transition{State::DataCr, Class::Cr, State::DataLf},
    Transition{State::DataLf, Class::Lf, State::FirstDigit},
};

// The same, to be looked up at once; what has no row is refused.
constexpr auto kNext = [] {
  std::array<std::array<State, kClasses>, kStates> next{};
  for (auto& row : next) row.fill(State::Refused);
  for (const Transition& move : kTransitions)
    next[static_cast<std::size_t>(move.from)][static_cast<std::size_t>(move.on)] = move.to;
  return next;
}();

constexpr bool in_extension(State state) {
  return state >= State::BeforeSemicolon && state <= State::AfterQuoted;
}

std::string_view reason_of(State state) {
  if (state == State::DataCr || state == State::DataLf)
    return "a chunk that does not end where its size says";
  if (state == State::LineFeed) return "a CR without an LF behind a chunk size";
  return in_extension(state) ? "a bad chunk extension" : "a bad chunk size";
}

}  // namespace

Piece ChunkReader::feed(std::string_view bytes) {
  if (state_ == State::Data) {
    const uint64_t size = std::min<uint64_t>(left_, bytes.size());
    left_ -= size;
    if (left_ == 0) state_ = State::DataCr;
    return {Piece::Kind::Data, static_cast<std::size_t>(size)};
  }
  std::size_t consumed = 0;
  for (const char c : bytes) {
    const State before = state_;
    if (!take(c)) return {Piece::Kind::Refused, 0, 0, 400, reason_of(before)};
    if (overhead_ > kMaxOverhead)
      return {Piece::Kind::Refused, 0, 0, 431, "too much beside the data of the chunks"};
    ++consumed;
    if (state_ == State::Data)
      return {left_ > 0 ? Piece::Kind::Chunk : Piece::Kind::Last, consumed, left_};
  }
  return {Piece::Kind::More, consumed};
}

bool ChunkReader::take(char c) {
  const bool sizes = state_ == State::FirstDigit || state_ == State::Digits;
  if (const int digit = hex_value(c); sizes && digit >= 0) return take_digit(digit);
  state_ = kNext[static_cast<std::size_t>(state_)][static_cast<std::size_t>(class_of(c))];
  if (in_extension(state_)) ++overhead_;
  return state_ != State::Refused;
}

bool ChunkReader::take_digit(int value) {
  if (state_ == State::Digits && left_ == 0) ++overhead_;  // behind a zero
  if (left_ > UINT64_MAX >> 4) return false;
  left_ = left_ << 4 | static_cast<unsigned>(value);
  state_ = State::Digits;
  return true;
}

}  // namespace tollgate::http
