// The algorithms of RFC 7518 that tollgate signs and verifies with: one row each.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "auth/crypto/hmac.h"

namespace tollgate::jwt {

enum class Family : uint8_t { Hmac };

struct Algorithm {
  std::string_view name;  // as "alg" writes it; compared byte for byte (RFC 7515 4.1.1)
  Family family;
  crypto::Digest digest;
  std::size_t smallest_key;  // bytes; RFC 7518 3.2: at least the size of the digest
};

// There is no row for "none", and never will be.
std::span<const Algorithm> algorithms();

// nullptr: no such algorithm.
const Algorithm* find_algorithm(std::string_view name);

// simplejwt's default, and ours.
const Algorithm& hs256();

}  // namespace tollgate::jwt
