// "/notes/{id:int}" compiled: the segments of a route's path. Pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/base/result.h"

namespace tollgate::routing {

struct Segment {
  enum class Kind : uint8_t {
    Literal,  // "notes"
    Int,      // {id:int}: digits that fit an int64_t, as Django's int converter
    Str,      // {name} or {name:str}: anything but a slash, not empty
    Path,     // {rest:path}: all that is left, slashes too; only at the end
  } kind;
  std::string text;  // of a Literal; else the parameter's name
};

// Errors: InvalidArgument, naming the pattern and what is wrong with it.
Result<std::vector<Segment>> parse_pattern(std::string_view pattern);

// Whether a path segment satisfies the kind. `Path` is for the router to see.
bool accepts(Segment::Kind kind, std::string_view text);

}  // namespace tollgate::routing
