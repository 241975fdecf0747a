// The version of this build.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace tollgate {

// "0.1.0", from the top CMakeLists.txt.
std::string_view version();

}  // namespace tollgate
