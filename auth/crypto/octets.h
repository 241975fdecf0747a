// Views of bytes: what keys, digests and signatures are made of.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tollgate::crypto {

using Octets = std::span<const uint8_t>;

inline Octets octets(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace tollgate::crypto
