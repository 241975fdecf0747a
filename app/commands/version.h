// The version of this build.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace tollgate {

inline constexpr std::string_view kVersion = TOLLGATE_VERSION;  // from CMakeLists.txt

}  // namespace tollgate
