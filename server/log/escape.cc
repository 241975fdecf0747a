// SPDX-License-Identifier: Apache-2.0
#include "server/log/escape.h"

#include "server/base/text.h"

namespace tollgate::log {
namespace {

constexpr bool is_printable(char c) { return c >= 0x20 && c < 0x7f; }

void append_hex(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  out.append("\\x").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  const auto is_plain = [](char c) { return is_printable(c) && c != '"' && c != '\\'; };
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && is_plain(text[plain])) ++plain;
    out.append(text.substr(0, plain));
    if (plain == text.size()) return;
    const char c = text[plain];
    if (is_printable(c))
      out.append(1, '\\').append(1, c);
    else
      append_hex(out, c);
    text.remove_prefix(plain + 1);
  }
}

void append_one_line(std::string& out, std::string_view text) {
  const bool utf8 = is_utf8(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // In UTF-8, C1 is C2 followed by 80 to 9F.
    const bool c1 = byte == 0xC2 && utf8 && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1) {
      append_hex(out, text[i]);
      append_hex(out, text[++i]);
    } else if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !utf8)) {
      append_hex(out, text[i]);
    } else {
      out += text[i];
    }
  }
}

}  // namespace tollgate::log
