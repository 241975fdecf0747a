// What a reload changes: the difference of two configurations (pure).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/config/config.h"
#include "server/config/options.h"

namespace tollgate {

struct Change {
  std::string_view name;
  std::string before;  // a list as "a, b"; a secret as "(secret)" or, without a value, ""
  std::string after;
  Applies applies;
};

// In the order of the table; empty when both are the same.
std::vector<Change> changes(const Config& before, const Config& after);

}  // namespace tollgate
