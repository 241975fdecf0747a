// SPDX-License-Identifier: Apache-2.0
#include "server/routing/pattern.h"

#include <algorithm>
#include <cstdint>

#include "server/base/text.h"
#include "server/http/request.h"

namespace tollgate::routing {
namespace {

tl::unexpected<Error> bad(std::string_view pattern, std::string_view why) {
  return fail(Errc::InvalidArgument, "route \"" + std::string(pattern) + "\": " + std::string(why));
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_digit(c) || c == '_' || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
  });
}

Result<Segment> parse_parameter(std::string_view pattern, std::string_view inside) {
  const auto colon = inside.find(':');
  const std::string_view name = inside.substr(0, colon);
  const std::string_view type = colon == std::string_view::npos ? "str" : inside.substr(colon + 1);
  if (!is_name(name)) return bad(pattern, "a parameter needs a name of letters, digits and _");
  Segment segment{.kind = Segment::Kind::Str, .text = std::string(name)};
  if (type == "int")
    segment.kind = Segment::Kind::Int;
  else if (type == "path")
    segment.kind = Segment::Kind::Path;
  else if (type != "str")
    return bad(pattern, "the type of a parameter is int, str or path");
  return segment;
}

}  // namespace

Result<std::vector<Segment>> parse_pattern(std::string_view pattern) {
  if (!pattern.starts_with('/')) return bad(pattern, "a path begins with /");
  std::vector<Segment> segments;
  std::size_t parameters = 0;
  for (const std::string_view part : split(pattern.substr(1), '/')) {
    if (!segments.empty() && segments.back().kind == Segment::Kind::Path)
      return bad(pattern, "nothing can follow a path parameter");
    if (!part.starts_with('{')) {
      if (part.find_first_of("{}") != std::string_view::npos)
        return bad(pattern, "a parameter fills a whole segment");
      segments.push_back({.kind = Segment::Kind::Literal, .text = std::string(part)});
      continue;
    }
    if (!part.ends_with('}')) return bad(pattern, "a parameter fills a whole segment");
    TOLLGATE_TRY(segment, parse_parameter(pattern, part.substr(1, part.size() - 2)));
    segments.push_back(std::move(segment));
    if (++parameters > http::kMaxPathParameters) return bad(pattern, "too many parameters");
  }
  return segments;
}

bool accepts(Segment::Kind kind, std::string_view text) {
  if (kind == Segment::Kind::Int) return parse_uint(text, INT64_MAX).has_value();
  return !text.empty();
}

}  // namespace tollgate::routing
