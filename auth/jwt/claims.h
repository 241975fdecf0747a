// What a token says (RFC 7519 4.1, and simplejwt's own claims).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::jwt {

enum class TokenType : uint8_t { Access, Refresh, Sliding };
std::string_view to_string(TokenType type);  // "access", as token_type writes it

// What the claims that have no registered name are called: simplejwt's settings.
struct ClaimNames {
  std::string user_id = "user_id";
  std::string refresh_exp = "refresh_exp";    // of sliding tokens
  std::string fingerprint = "hash_password";  // REVOKE_TOKEN_CLAIM
};

// The last second of the year 9999: no date of a token is later.
inline constexpr int64_t kLatestDate = 253402300799;

// A claim that may be there, and be of a type that nobody can use.
template <class T>
struct Claim {
  bool present = false;
  std::optional<T> value = {};  // nullopt also when present, but not a T
};

// The claims of a received token. All views are into the Decoder that read them,
// and end with its next call: copy what is kept.
struct Claims {
  std::optional<int64_t> exp;  // seconds since 1970; fractions are cut off, as PyJWT does
  std::optional<int64_t> iat;
  std::optional<int64_t> nbf;
  std::optional<std::string_view> jti;
  std::optional<std::string_view> sub;
  Claim<std::string_view> token_type;
  Claim<int64_t> user_id;  // from 1 or "1"; never negative
  Claim<int64_t> refresh_exp;
  Claim<std::string_view> fingerprint;  // of the user's password
  Claim<std::string_view> username;     // this and the next two: of simplejwt's TokenUser
  bool is_staff = false;
  bool is_superuser = false;
  Claim<std::string_view> iss;
  Claim<std::vector<std::string_view>> aud;  // one string, or an array of strings
  std::string_view json;                     // the payload as it was signed, for all the rest
};

// A copy that owns the bytes of its views.
class OwnedClaims {
 public:
  explicit OwnedClaims(const Claims& claims);
  OwnedClaims(const OwnedClaims&) = delete;
  OwnedClaims& operator=(const OwnedClaims&) = delete;

  const Claims& get() const { return claims_; }

 private:
  Claims claims_;
  std::string texts_;
};

// The claims of a token to be made, in simplejwt's order: type, exp, iat, jti, then `rest`.
struct NewToken {
  TokenType type;
  int64_t exp;  // seconds since 1970
  int64_t iat;
  std::string_view jti;   // hexadecimal digits: written without escapes
  std::string_view rest;  // JSON members without braces: `"user_id":"1"`; may be empty
};

std::string to_json(const NewToken& token);

}  // namespace tollgate::jwt
