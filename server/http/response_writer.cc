// SPDX-License-Identifier: Apache-2.0
#include "server/http/response_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/base/text.h"
#include "server/http/status.h"

namespace tollgate::http {
namespace {

using namespace std::string_view_literals;

// Fields that only the server knows how to write.
bool is_framing(std::string_view name) {
  return iequals(name, "content-length") || iequals(name, "transfer-encoding") ||
         iequals(name, "connection") || iequals(name, "date") || iequals(name, "server");
}

void append_number(std::string& out, std::size_t number) {
  const fmt::format_int text(number);
  out.append(text.data(), text.size());
}

void append_status(std::string& out, int status) {
  if (const std::string_view known = known_status(status); !known.empty()) {
    out += known;
  } else {
    append_number(out, static_cast<std::size_t>(status));
    out.append(1, ' ').append(reason_phrase(status));
  }
}

}  // namespace

void write_head(std::string& out, const Response& response, const Framing& framing) {
  out += "HTTP/1.1 "sv;
  append_status(out, response.status());
  out.append("\r\nServer: tollgate\r\nDate: "sv).append(framing.date);
  for (const Field& field : response.fields()) {
    if (is_framing(field.name)) continue;
    out.append("\r\n"sv).append(field.name).append(": "sv).append(field.value);
  }
  // RFC 9110 8.6: no Content-Length in a 1xx or 204; a 304 may leave it out.
  if (may_have_body(response.status())) {
    const auto size = is_empty(response.status()) ? 0 : size_of(response.content());
    if (size) {
      out += "\r\nContent-Length: "sv;
      append_number(out, *size);
    } else if (framing.version_minor > 0) {
      out += "\r\nTransfer-Encoding: chunked";
    }
  }
  if (!framing.keep_alive)
    out += "\r\nConnection: close";
  else if (framing.version_minor == 0)
    out += "\r\nConnection: keep-alive";
  out += "\r\n\r\n"sv;
}

bool body_follows(const Response& response, const Framing& framing) {
  return !framing.head_request && may_have_body(response.status()) &&
         !is_empty(response.status()) && size_of(response.content()) != 0;
}

bool is_writable(const Response& response) {
  return response.status() >= 200 && response.status() <= 599 &&
         std::ranges::all_of(response.fields(), [](const Field& field) {
           return is_field_name(field.name) && is_field_value(field.value);
         });
}

}  // namespace tollgate::http
