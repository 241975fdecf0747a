// One value of the setting static_files: "/url/=DIR". Pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "server/base/result.h"

namespace tollgate {

struct StaticMount {
  std::string url;  // "/static/": begins and ends with a slash
  std::string directory;
};

// Errors: InvalidArgument, a sentence that begins with the text in quotes.
Result<StaticMount> parse_static_mount(std::string_view text);

// The same for a mount that was never a text.
Status check_static_mount(const StaticMount& mount);

}  // namespace tollgate
