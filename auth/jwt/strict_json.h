// JSON objects as tokens must write them, on top of simdjson: the only file of
// tollgate's tokens that includes it, and for auth/jwt's .cc files only.
//
// simdjson's DOM refuses what is not JSON: invalid UTF-8, lone surrogates, a
// byte-order mark, bytes after the end, numbers out of range. StrictJson adds
// what an attacker uses although it is JSON: a member name twice (after escapes:
// "\u0061lg" is "alg"), depth, and NUL in strings, which C libraries cut at.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#define SIMDJSON_EXCEPTIONS 0  // errors are values
#include <simdjson.h>

#include <optional>
#include <string_view>
#include <vector>

namespace tollgate::jwt {

// Keeps its buffers: after construction, a text of at most `capacity` bytes is
// parsed without allocation. One thread.
class StrictJson {
 public:
  explicit StrictJson(std::size_t capacity);

  // The JSON text of base64url; nullopt if it is not, or larger than the capacity.
  // The view lives until the next call.
  std::optional<std::string_view> decode(std::string_view base64url);

  // A JSON text as it is; false: larger than the capacity.
  bool load(std::string_view json);

  // Parses what decode() or load() gave. The object lives until the next of them.
  std::optional<simdjson::dom::object> parse(int max_depth);

  // Overwrites what was parsed, for texts that hold secrets: all of it, when the capacity is at
  // least twice the text. Then nothing of it may be used any more.
  void wipe();

 private:
  std::size_t capacity_;
  std::size_t size_ = 0;
  std::vector<uint8_t> text_;  // capacity_ + SIMDJSON_PADDING bytes
  simdjson::dom::parser parser_;
};

}  // namespace tollgate::jwt
