// SPDX-License-Identifier: Apache-2.0
#include "server/http/target.h"

#include <algorithm>

#include "server/base/char_set.h"
#include "server/base/ip.h"
#include "server/base/text.h"

namespace tollgate::http {
namespace {

// No path has these as they are (RFC 3986 3.3), and no browser sends them; a backslash is a slash
// to some. "[", "]" and "|" are left alone, and so is the query: browsers do send them.
constexpr CharSet kNotInPaths("\"<>\\^`{}");
// What means nothing but itself: without a dot, even.
constexpr CharSet kPlain = kAlphanumeric | CharSet("-_~/");
// RFC 3986 3.2.2: *( unreserved / pct-encoded / sub-delims )
constexpr CharSet kRegName = kAlphanumeric | CharSet("-._~!$&'()*+,;=%");

tl::unexpected<Error> bad(const char* why) { return fail(Errc::InvalidArgument, why); }

Result<std::string_view> percent_decode(std::string_view path, Arena& arena) {
  if (path.find('%') == std::string_view::npos) return path;
  char* const begin = arena.allocate(path.size());
  char* out = begin;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%') {
      *out++ = path[i];
      continue;
    }
    const int high = i + 2 < path.size() ? hex_value(path[i + 1]) : -1;
    const int low = i + 2 < path.size() ? hex_value(path[i + 2]) : -1;
    if (high < 0 || low < 0) return bad("a bad percent-escape in the path");
    const char c = static_cast<char>(high * 16 + low);
    if (c == '\0' || c == '/') return bad("an encoded slash or NUL in the path");
    *out++ = c;
    i += 2;
  }
  return std::string_view(begin, static_cast<std::size_t>(out - begin));
}

bool has_dot_segment(std::string_view path) {
  if (path.find("/.") == std::string_view::npos) return false;
  return std::ranges::any_of(split(path, '/'),
                             [](std::string_view part) { return part == "." || part == ".."; });
}

bool is_reg_name(std::string_view name) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (!kRegName.has(name[i])) return false;
    if (name[i] == '%' &&
        (i + 2 >= name.size() || hex_value(name[i + 1]) < 0 || hex_value(name[i + 2]) < 0))
      return false;
  }
  return !name.empty();
}

}  // namespace

Result<Target> parse_target(Method method, std::string_view target, Arena& arena) {
  if (target.starts_with('/') && kPlain.has_all(target)) return Target{.path = target};
  Target result;
  if (target == "*") {
    if (method != Method::Options) return bad("the target * is for OPTIONS only");
    return Target{.path = target};
  }
  // RFC 9112 3.2.2: a server must accept the absolute form.
  if (const auto scheme = target.find("://");
      scheme != std::string_view::npos && target.front() != '/') {
    if (!iequals(target.substr(0, scheme), "http") && !iequals(target.substr(0, scheme), "https"))
      return bad("a target that is not http");
    target.remove_prefix(scheme + 3);
    const auto end = std::min(target.find_first_of("/?"), target.size());
    result.authority = target.substr(0, end);
    if (!is_host(result.authority)) return bad("a bad authority in the target");
    target.remove_prefix(end);
    // RFC 9110 4.2.3: an empty path is "/"; RFC 9112 3.2.4: but to OPTIONS it is "*".
    if (target.empty() && method == Method::Options) {
      result.path = "*";
      return result;
    }
    if (!target.starts_with('/')) {
      result.query = target.empty() ? target : target.substr(1);
      target = "/";
    }
  }
  if (target.empty() || target.front() != '/') return bad("a target that is not a path");
  if (target.find('#') != std::string_view::npos) return bad("a fragment in the target");
  if (const auto mark = target.find('?'); mark != std::string_view::npos) {
    result.query = target.substr(mark + 1);
    target = target.substr(0, mark);
  }
  if (kNotInPaths.has_any(target))
    return bad("a character in the path that must be percent-encoded");
  TOLLGATE_TRY(path, percent_decode(target, arena));
  if (!is_utf8(path)) return bad("a path that is not UTF-8");
  if (has_dot_segment(path)) return bad("a dot segment in the path");
  result.path = path;
  return result;
}

bool is_host(std::string_view value) {
  std::string_view host = value;
  if (host.starts_with('[')) {
    const auto close = host.find(']');
    if (close == std::string_view::npos) return false;
    const std::string_view address = host.substr(1, close - 1);
    if (address.find(':') == std::string_view::npos || !parse_ip(address)) return false;
    host.remove_prefix(close + 1);
    return host.empty() ||
           (host.front() == ':' && (host.size() == 1 || parse_uint(host.substr(1), 65535)));
  }
  if (const auto colon = host.find(':'); colon != std::string_view::npos) {
    const std::string_view port = host.substr(colon + 1);
    if (!port.empty() && !parse_uint(port, 65535)) return false;
    host = host.substr(0, colon);
  }
  return is_reg_name(host);
}

}  // namespace tollgate::http
