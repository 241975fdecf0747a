// Passwords as Django stores them: `pbkdf2_sha256$ITERATIONS$SALT$HASH`.
//
// A hash takes hundreds of milliseconds of CPU by design: these functions BLOCK
// and belong on the password pool, never on a loop. They keep no state and may
// be called on several threads at once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/base/result.h"

namespace tollgate::crypto {

// Django 5.2's count.
inline constexpr uint32_t kDefaultIterations = 1'000'000;
// What a database may ask for: some three seconds. More is an attack or a mistake.
inline constexpr uint32_t kMaxIterations = 10'000'000;
inline constexpr std::size_t kMaxPassword = 4096;

class PasswordHasher {
 public:
  explicit PasswordHasher(uint32_t iterations = kDefaultIterations);

  // With a new salt of 22 letters and digits (128 bits), as Django's.
  // Errors: TooLarge (over kMaxPassword bytes), Internal (OpenSSL).
  Result<std::string> encode(std::string_view password) const;

  // Whether `password` made `encoded`. What cannot match (an unusable hash, "!…",
  // another algorithm, a malformed one, too long a password, or "" for a user that
  // does not exist) costs as much as what might, so that the time says nothing
  // about the account; a hash with fewer iterations than ours is topped up.
  bool verify(std::string_view password, std::string_view encoded) const;

  // True when the hash is weaker than what encode() makes now. A stronger one is
  // left alone: a Django beside us may be configured for more.
  bool needs_rehash(std::string_view encoded) const;

 private:
  uint32_t iterations_;
};

// What simplejwt's CHECK_REVOKE_TOKEN compares: the MD5 of an encoded password in upper-case
// hexadecimal. It protects nothing: it says whether the hash, which is salted, is another. Cheap.
std::string password_fingerprint(std::string_view encoded);

}  // namespace tollgate::crypto
