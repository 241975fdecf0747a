// SPDX-License-Identifier: Apache-2.0
#include "server/http/status.h"

#include <array>

namespace tollgate::http {
namespace {

constexpr std::string_view kKnown[] = {
    "100 Continue",
    "101 Switching Protocols",
    "200 OK",
    "201 Created",
    "202 Accepted",
    "203 Non-Authoritative Information",
    "204 No Content",
    "205 Reset Content",
    "206 Partial Content",
    "300 Multiple Choices",
    "301 Moved Permanently",
    "302 Found",
    "303 See Other",
    "304 Not Modified",
    "307 Temporary Redirect",
    "308 Permanent Redirect",
    "400 Bad Request",
    "401 Unauthorized",
    "402 Payment Required",
    "403 Forbidden",
    "404 Not Found",
    "405 Method Not Allowed",
    "406 Not Acceptable",
    "407 Proxy Authentication Required",
    "408 Request Timeout",
    "409 Conflict",
    "410 Gone",
    "411 Length Required",
    "412 Precondition Failed",
    "413 Content Too Large",
    "414 URI Too Long",
    "415 Unsupported Media Type",
    "416 Range Not Satisfiable",
    "417 Expectation Failed",
    "421 Misdirected Request",
    "422 Unprocessable Content",
    "423 Locked",
    "424 Failed Dependency",
    "425 Too Early",
    "426 Upgrade Required",
    "428 Precondition Required",
    "429 Too Many Requests",
    "431 Request Header Fields Too Large",
    "451 Unavailable For Legal Reasons",
    "500 Internal Server Error",
    "501 Not Implemented",
    "502 Bad Gateway",
    "503 Service Unavailable",
    "504 Gateway Timeout",
    "505 HTTP Version Not Supported",
    "507 Insufficient Storage",
    "508 Loop Detected",
    "511 Network Authentication Required",
};

constexpr std::size_t kEnd = 600;
constexpr std::size_t kDigits = 3;
constexpr auto kTexts = [] {
  std::array<std::string_view, kEnd> texts;
  for (const std::string_view text : kKnown) {
    std::size_t status = 0;
    for (const char digit : text.substr(0, kDigits))
      status = status * 10 + static_cast<std::size_t>(digit - '0');
    texts[status] = text;
  }
  return texts;
}();

}  // namespace

std::string_view known_status(int status) {
  const auto at = static_cast<std::size_t>(status);
  return at < kEnd ? kTexts[at] : std::string_view();
}

std::string_view reason_phrase(int status) {
  const std::string_view text = known_status(status);
  return text.empty() ? "Unknown" : text.substr(kDigits + 1);
}

}  // namespace tollgate::http
