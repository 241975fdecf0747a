// Several gate steps as one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "server/http/handler.h"

namespace tollgate::middleware {

// Asked in their order, until one does not say Pass; what is behind a Pending is asked when its
// look-up said Pass. Of no step: empty, so that it costs nothing; of one: that. Empty ones
// are left out. What it gives may not be destroyed while a Pending of it is under way.
http::GateStep chain(std::vector<http::GateStep> steps);

}  // namespace tollgate::middleware
