// Strict base64url (RFC 4648 section 5), as JWS writes it (RFC 7515 section 2).
//
// One byte sequence has exactly one spelling: no padding, no white space, no
// other alphabet, and zero bits where the last character has bits to spare. So
// two tokens that differ in a byte are two tokens.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "auth/crypto/octets.h"

namespace tollgate::crypto {

constexpr std::size_t base64url_size(std::size_t octets) { return (octets * 4 + 2) / 3; }

// How many bytes `characters` of text stand for; what decode() needs as room.
constexpr std::size_t base64url_octets(std::size_t characters) { return characters * 3 / 4; }

// Writes to the front of `out`, which has at least base64url_octets(text.size())
// bytes, and returns how many. nullopt: not base64url, and `out` holds rubbish.
std::optional<std::size_t> base64url_decode(std::string_view text, std::span<uint8_t> out);

void append_base64url(std::string& out, Octets data);
std::string base64url(Octets data);

}  // namespace tollgate::crypto
