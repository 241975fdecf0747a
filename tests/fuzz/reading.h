// What http::Parser makes of bytes, fed in any pieces, as values that compare.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/limits.h"

namespace tollgate::fuzz {

// Small, so that the fuzzer comes to the end of each.
inline constexpr http::Limits kLimits{
    .request_line = 128, .fields = 8, .field_size = 96, .head = 384, .body = 512};

struct Message {
  std::string method, target;
  int version_minor = 1;
  std::vector<std::pair<std::string, std::string>> fields;
  bool chunked = false;
  std::string body;
  bool keep_alive = false;
  std::size_t end = 0;  // where the next message begins

  bool operator==(const Message&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Message& message);

struct Reading {
  enum class End : uint8_t { Incomplete, Refused, Closed } end = End::Incomplete;
  std::vector<Message> messages;
  int status = 0;  // of Refused
  std::string reason = {};

  bool operator==(const Reading&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Reading& reading);

// As a connection does: the gate is asked at the end of each head, and what follows a message
// that does not keep the connection is not read. The pieces are neighbours in one text.
Reading read(const std::vector<std::string_view>& pieces);

// Fed whole, byte by byte, and in pieces of lengths that `bytes` itself decides, it is the same;
// and it agrees with strict_reader.h wherever a request was read.
void require_one_reading(std::string_view bytes);

}  // namespace tollgate::fuzz
