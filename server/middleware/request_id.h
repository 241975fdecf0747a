// A name for each request, by which logs of several machines can be put together: the
// client's X-Request-ID, or one of ours.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/http/handler.h"

namespace tollgate::middleware {

// Whether what a client calls its request may stand in our logs: a token (RFC 9110 5.6.2) of at
// most 64 characters.
bool is_request_id(std::string_view text);

// Those of one worker. Unique in all workers of all servers: 64 random bits, drawn once, and a
// counter, so that an id costs no system call. Not a secret: whoever has one knows the next.
class RequestIds {
 public:
  RequestIds();
  explicit RequestIds(uint64_t random) : random_(random) {}

  std::string next();

  // Gives the request its id, unless it has one. Before its route is looked for.
  void name(http::Exchange& exchange);
  // Says it to the client, unless the response does; with a new one, where the request failed
  // before it was named.
  void echo(const http::Request& request, http::Response& response);

 private:
  const uint64_t random_;
  uint64_t count_ = 0;
};

}  // namespace tollgate::middleware
