// Datetimes as Django writes them into SQLite: UTC, "YYYY-MM-DD HH:MM:SS[.ffffff]". Texts of
// whole seconds compare as the times do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "server/base/clock.h"

namespace tollgate::users {

std::string django_datetime(WallTime time);
// Seconds since 1970, up to the year 9999, which a WallTime does not reach.
std::string django_datetime(int64_t seconds);

}  // namespace tollgate::users
