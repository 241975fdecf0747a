// SPDX-License-Identifier: Apache-2.0
#include "auth/crypto/secure.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "auth/crypto/openssl.h"

namespace tollgate::crypto {

Status fill_random(std::span<uint8_t> out) {
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1)
    return fail(openssl_error("RAND_bytes"));
  return {};
}

Result<std::string> random_text(std::size_t length, std::string_view alphabet) {
  assert(alphabet.size() >= 2 && alphabet.size() <= 256);
  // A byte above the last whole multiple of the alphabet would favour its front.
  const std::size_t fair = 256 / alphabet.size() * alphabet.size();
  std::string text;
  text.reserve(length);
  std::array<uint8_t, 64> bytes{};
  while (text.size() < length) {
    TOLLGATE_CHECK(fill_random(bytes));
    for (const uint8_t byte : bytes)
      if (byte < fair && text.size() < length) text += alphabet[byte % alphabet.size()];
  }
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return text;
}

Result<UuidHex> uuid4_hex() {
  std::array<uint8_t, 16> bytes{};
  TOLLGATE_CHECK(fill_random(bytes));
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0F) | 0x40);  // version 4
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3F) | 0x80);  // variant 10
  constexpr std::string_view kDigits = "0123456789abcdef";
  UuidHex hex{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    hex[2 * i] = kDigits[bytes[i] >> 4];
    hex[2 * i + 1] = kDigits[bytes[i] & 0x0F];
  }
  return hex;
}

bool equal_in_constant_time(Octets a, Octets b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

SecretString::SecretString(std::string_view text)
    : text_(new char[text.size()]), size_(text.size()) {
  std::ranges::copy(text, text_.get());
}

SecretString::SecretString(SecretString&& other) noexcept
    : text_(std::move(other.text_)), size_(std::exchange(other.size_, 0)) {}

SecretString& SecretString::operator=(SecretString&& other) noexcept {
  std::swap(text_, other.text_);  // `other` wipes what was here
  std::swap(size_, other.size_);
  return *this;
}

SecretString::~SecretString() { OPENSSL_cleanse(text_.get(), size_); }

SecretString SecretString::take(std::string& text) {
  SecretString secret(text);
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
  return secret;
}

}  // namespace tollgate::crypto
