// Random bytes, comparison in constant time, and secrets that wipe themselves.
//
// All functions may be called on any thread; OpenSSL's generator reseeds itself
// in a forked child.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "auth/crypto/octets.h"
#include "server/base/result.h"

namespace tollgate::crypto {

// Errors: Internal, when the system gives no entropy. Use nothing of `out` then.
[[nodiscard]] Status fill_random(std::span<uint8_t> out);

// `length` characters, each of `alphabet` (2 to 256 characters) equally likely.
Result<std::string> random_text(std::size_t length, std::string_view alphabet);

// A version 4 UUID (RFC 9562 5.4) as 32 lower-case hexadecimal digits, as
// Python's uuid4().hex: the jti of a token.
using UuidHex = std::array<char, 32>;
Result<UuidHex> uuid4_hex();

// Takes a time that depends on the sizes only. Different sizes are not equal.
[[nodiscard]] bool equal_in_constant_time(Octets a, Octets b);

// Text that must not leak: wiped when destroyed, neither copied nor printed.
class SecretString {
 public:
  SecretString() = default;
  explicit SecretString(std::string_view text);
  SecretString(SecretString&& other) noexcept;
  SecretString& operator=(SecretString&& other) noexcept;
  ~SecretString();

  // Takes over the text of a std::string and wipes what it left there.
  static SecretString take(std::string& text);

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // The text itself, valid as long as this object: for cryptography, and for
  // the one command that shows a new key to its owner.
  std::string_view reveal() const { return {text_.get(), size_}; }

  friend std::ostream& operator<<(std::ostream&, const SecretString&) = delete;

 private:
  std::unique_ptr<char[]> text_;
  std::size_t size_ = 0;
};

}  // namespace tollgate::crypto
