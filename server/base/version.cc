// SPDX-License-Identifier: Apache-2.0
#include "server/base/version.h"

namespace tollgate {

std::string_view version() { return TOLLGATE_VERSION; }

}  // namespace tollgate
