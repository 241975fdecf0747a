// Sizes of one connection's requests, copied out of Config.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tollgate::http {

// In settings and of routes, 0 is no limit.
constexpr uint64_t limit_of(uint64_t setting) { return setting == 0 ? UINT64_MAX : setting; }

struct Limits {
  uint64_t request_line = 8190;        // more is answered 414
  uint64_t fields = 100;               // more are answered 431
  uint64_t field_size = 8190;          // one field line; more is answered 431
  uint64_t head = uint64_t{64} << 10;  // request line and fields; more is answered 431
  uint64_t body = uint64_t{10} << 20;  // more is answered 413, where the route has no own limit
  uint64_t body_buffer = uint64_t{64} << 10;  // more goes to a file
  const char* body_temp_dir = "/tmp";         // in there; outlives all requests
  uint32_t inflation = 100;                   // bytes that one of gzip may become; 0: no gzip
  uint64_t requests = UINT64_MAX;  // of a connection; the response to the last one closes it
  uint64_t request_rate = 0;       // bytes a second of a body; less, and its deadline stands
  uint64_t response_rate = 0;      // the same of a response
};

}  // namespace tollgate::http
