// What the rows of the table of settings are written with.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "server/config/options.h"

namespace tollgate::rows {

inline constexpr auto kReload = Applies::OnReload;
inline constexpr auto kRestart = Applies::OnRestart;

inline constexpr Range kAny{};
constexpr Range between(uint64_t min, uint64_t max) { return {min, max}; }
constexpr Range between(milliseconds min, milliseconds max) {
  return {static_cast<uint64_t>(min.count()), static_cast<uint64_t>(max.count())};
}
constexpr Range between(Bytes min, Bytes max) { return {min.count, max.count}; }

// Far below the 292 years that a steady clock of nanoseconds can count, so
// that "now + limit" cannot overflow.
inline constexpr milliseconds kTenYears = 24h * 3650;

}  // namespace tollgate::rows
