// Status line, header fields and framing of a response. Pure: bytes out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "server/http/response.h"

namespace tollgate::http {

struct Framing {
  int version_minor = 1;      // of the request
  bool head_request = false;  // the answer to a HEAD: lengths, but no body
  bool keep_alive = true;
  std::string_view date;
};

// Appends the head. Whether the body follows is for the caller: body_follows().
void write_head(std::string& out, const Response& response, const Framing& framing);

bool body_follows(const Response& response, const Framing& framing);

// False where a status, name or value could not stand on the wire as one field
// (CR, LF, NUL…): an application's mistake, which would split the response.
bool is_writable(const Response& response);

inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace tollgate::http
