// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/drf_rendering.h"

#include <algorithm>

#include "server/base/text.h"
#include "server/middleware/vary.h"

namespace tollgate::middleware {
namespace {

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxIndented = 65536;  // bytes, before
constexpr uint64_t kMaxWidth = 8;            // DRF's

bool opens(char c) { return c == '{' || c == '['; }
bool closes(char c) { return c == '}' || c == ']'; }

// Where the string that begins at `begin` ends: behind its quote.
std::size_t end_of_string(std::string_view json, std::size_t begin) {
  std::size_t i = begin + 1;
  while (i < json.size() && json[i] != '"') i += json[i] == '\\' ? 2 : 1;
  return std::min(i + 1, json.size());
}

// The indent that the client wants; 0: none.
std::size_t wanted_indent(std::string_view accept) {
  for (const std::string_view range : split(accept, ',')) {
    const auto parts = split(range, ';');
    if (!iequals(trim(parts.front()), "application/json")) continue;
    for (const std::string_view part : parts) {
      constexpr std::string_view kName = "indent=";
      const std::string_view parameter = trim(part);
      if (!parameter.starts_with(kName)) continue;
      const auto width = parse_uint(parameter.substr(kName.size()), UINT32_MAX);
      return width ? std::min<uint64_t>(*width, kMaxWidth) : 0;
    }
  }
  return 0;
}

}  // namespace

std::optional<std::string> indent_json(std::string_view json, std::size_t width) {
  std::string out;
  std::size_t depth = 0;
  const auto new_line = [&] { out.append("\n").append(depth * width, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      const std::size_t end = end_of_string(json, i);
      out += json.substr(i, end - i);
      i = end - 1;
    } else if (opens(c)) {
      out += c;
      if (++depth > kMaxDepth) return std::nullopt;
      if (i + 1 < json.size() && !closes(json[i + 1])) new_line();
    } else if (closes(c)) {
      if (depth > 0) --depth;
      if (!opens(out.back())) new_line();
      out += c;
    } else if (c == ',') {
      out += c;
      new_line();
    } else {
      out += c;
      if (c == ':') out += ' ';
    }
  }
  return out;
}

http::Finisher drf_rendering() {
  return [](const http::Request& request, http::Response& response) {
    if (response.header("Allow") == nullptr) return;
    add_vary(response, "Accept");
    const std::size_t width = wanted_indent(request.header("accept").value_or(""));
    const std::string* const type = response.header("Content-Type");
    const std::string& body = response.body();
    if (width == 0 || type == nullptr || *type != "application/json" || body.empty() ||
        body.size() > kMaxIndented)
      return;
    if (auto indented = indent_json(body, width)) response.set_content(*std::move(indented));
  };
}

}  // namespace tollgate::middleware
