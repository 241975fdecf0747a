// What DRF's rendering does to a response besides its content.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "server/http/handler.h"

namespace tollgate::middleware {

// JSON with each member and element on a line of its own, as Python's json.dumps(indent=…) writes
// it. nullopt: nested so deeply that it would grow too much. `json` is a valid document. Pure.
std::optional<std::string> indent_json(std::string_view json, std::size_t width);

// Vary: Accept on what names its methods in Allow, which is what DRF's views do; and JSON of
// moderate size is indented where Accept says "application/json; indent=4".
http::Finisher drf_rendering();

}  // namespace tollgate::middleware
