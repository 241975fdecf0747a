// Tokens taken apart: sizes, alphabet, JSON. Trusts nothing and knows no key.
//
// Pure in what it answers; a Decoder only keeps buffers. What is refused here is
// "Token is invalid", whatever the reason: an attacker learns nothing from it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "auth/jwt/claims.h"

namespace tollgate::jwt {

inline constexpr std::size_t kMaxToken = 8192;   // characters
inline constexpr std::size_t kMaxHeader = 2048;  // bytes of JSON
inline constexpr int kMaxHeaderDepth = 8;
inline constexpr int kMaxPayloadDepth = 32;

// The three parts of a JWS in compact serialization (RFC 7515 7.1), still base64url.
struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signing_input;  // header '.' payload
};

// nullopt: too long, not exactly three parts, or an empty one. So end here a token
// whose signature was taken away, and the five parts of an encrypted one.
std::optional<Parts> split_token(std::string_view token);

struct Header {
  std::string_view algorithm;
  std::optional<std::string_view> key_id;
  std::optional<std::string_view> type;  // nullopt also when it is no string
};

// One thread. No allocation for tokens with few members.
class Decoder {
 public:
  Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;
  ~Decoder();

  // nullopt: not strict JSON, alg not a string, kid not a string, or crit or b64
  // there (extensions that we do not have: RFC 7515 4.1.11, RFC 7797 6). What
  // points to keys (jku, jwk, x5u, x5c) is not looked at. Views as for claims().
  std::optional<Header> header(std::string_view part);

  // Call it only after the signature held. nullopt: not strict JSON, or a
  // registered claim of a wrong type. The views end with the next call of the Decoder.
  std::optional<Claims> claims(std::string_view part, const ClaimNames& names = {});

  // Of these claims, those that simplejwt copies from a refresh token to an access token (all but
  // token_type, exp, iat and jti), in their order, as JSON members without braces; and without
  // those named in `except`. Empty if there are none. Reads their JSON again, so that the views of
  // what this Decoder has read before end.
  std::string copyable_claims(const Claims& claims, std::span<const std::string_view> except = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tollgate::jwt
