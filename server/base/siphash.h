// SipHash-2-4: a keyed hash, so that nobody who does not know the key can aim for collisions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tollgate {

struct SipKey {
  uint64_t first;
  uint64_t second;
};

// As Aumasson and Bernstein define it (INDOCRYPT 2012).
uint64_t siphash(SipKey key, std::string_view bytes);

}  // namespace tollgate
