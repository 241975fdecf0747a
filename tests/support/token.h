// Tokens made by hand, good and forged: everything about them can be wrong.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/crypto/hmac.h"

namespace tollgate::test {

inline constexpr std::string_view kHs256Header = R"({"alg":"HS256","typ":"JWT"})";

// The payload of an access token as the server itself makes it, valid for five minutes.
std::string access_token_payload(int64_t user);
// The same of another type or another time, in seconds from now.
std::string token_payload(std::string_view type, int64_t user, int64_t expires_in);

std::string base64url(std::string_view text);

// header.payload.signature; the header is JSON text, and need not name the digest that is used.
std::string sign(std::string_view key, std::string_view payload,
                 std::string_view header = kHs256Header,
                 crypto::Digest digest = crypto::Digest::Sha256);

}  // namespace tollgate::test
