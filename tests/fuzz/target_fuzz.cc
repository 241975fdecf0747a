// A method (by the first byte: OPTIONS or GET) and a request target: what parse_target() lets
// through is the target, decoded once and only once: UTF-8 without NUL, with as many slashes as
// were sent, without dot segments; a query as it came; an authority that is a host.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "server/http/target.h"
#include "tests/fuzz/fuzz.h"

namespace tollgate::fuzz {
namespace {

// The target without scheme, authority and query.
std::string raw_path(std::string_view target, const http::Target& read) {
  if (target.front() != '/') {
    target.remove_prefix(target.find("://") + 3);
    require(target.starts_with(read.authority), "the authority is the target's");
    target.remove_prefix(read.authority.size());
    if (!target.starts_with('/')) return "/";
  }
  return std::string(target.substr(0, target.find('?')));
}

std::string decoded_once(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool escape = path[i] == '%';
    require(!escape || i + 2 < path.size(), "no escape is cut short", path);
    out += escape ? static_cast<char>(std::stoi(std::string(path.substr(i + 1, 2)), nullptr, 16))
                  : path[i];
    if (escape) i += 2;
  }
  return out;
}

void require_utf8(std::string_view text) {
  try {
    (void)nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception& error) {
    require(false, "the path is UTF-8", error.what());
  }
}

}  // namespace

void fuzz(std::string_view input) {
  if (input.empty()) return;
  const bool options = input.front() == 'O';
  input.remove_prefix(1);
  // What is not visible ASCII is no target to begin with (RFC 3986 2).
  if (std::ranges::any_of(input, [](char c) { return c <= ' ' || c == '\x7f'; })) return;
  http::Arena arena;
  const auto target =
      http::parse_target(options ? http::Method::Options : http::Method::Get, input, arena);
  if (!target) return require(!target.error().message.empty(), "a refusal says why");
  const std::string path(target->path);
  if (path == "*")
    return require(options && (input == "*" || input.ends_with(target->authority)),
                   "* is for OPTIONS only", input);
  require(path.starts_with('/'), "a path is absolute", path);
  const std::string raw = raw_path(input, *target);
  require(path == decoded_once(raw), "it is decoded once", path, raw);
  require(std::ranges::count(path, '/') == std::ranges::count(raw, '/'),
          "no slash comes out of an escape", path, raw);
  require(path.find('\0') == std::string::npos, "no NUL", path);
  require_utf8(path);
  const std::string closed = path + '/';
  require(closed.find("/./") == std::string::npos && closed.find("/../") == std::string::npos,
          "no dot segment", path);
  require(input.ends_with(target->query), "the query is as it came", input);
  require(target->authority.empty() || http::is_host(target->authority), "the authority is a host",
          target->authority);
}

}  // namespace tollgate::fuzz
