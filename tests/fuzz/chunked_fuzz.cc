// Any bytes behind the head of a chunked request: the body and its end are those that a strict
// de-chunker finds (RFC 9112 7.1, strict_reader.h), in whatever pieces they come; nothing of a
// trailer becomes a field, and what follows is the next request or refused.
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/reading.h"

void tollgate::fuzz::fuzz(std::string_view input) {
  static constexpr std::string_view kHead =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  require_one_reading(std::string(kHead).append(input));
}
