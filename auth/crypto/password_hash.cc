// SPDX-License-Identifier: Apache-2.0
#include "auth/crypto/password_hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "auth/crypto/hmac.h"
#include "auth/crypto/secure.h"
#include "server/base/text.h"

namespace tollgate::crypto {
namespace {

constexpr std::string_view kAlgorithm = "pbkdf2_sha256";
constexpr std::string_view kSaltAlphabet =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::size_t kSaltSize = 22;

using Hash = std::array<uint8_t, 32>;
constexpr std::size_t kHashText = 44;  // base64 of 32 bytes, with its padding

struct Encoded {
  uint32_t iterations;
  std::string_view salt;
  std::string_view hash;
};

// nullopt: another algorithm, unusable, or malformed.
std::optional<Encoded> parse(std::string_view encoded) {
  const auto parts = split(encoded, '$');
  if (parts.size() != 4 || parts[0] != kAlgorithm) return std::nullopt;
  const auto iterations = parse_uint(parts[1], kMaxIterations);
  if (!iterations || *iterations == 0 || parts[2].empty() || parts[3].size() != kHashText)
    return std::nullopt;
  return Encoded{static_cast<uint32_t>(*iterations), parts[2], parts[3]};
}

// The first block of PBKDF2-HMAC-SHA256 (RFC 8018 5.2), which is all of a 32
// byte key. Prepared contexts make it 1.5 times as fast as PKCS5_PBKDF2_HMAC,
// which sets up more for each iteration (OpenSSL 3.0: 154 against 238 ns).
std::optional<Hash> pbkdf2(std::string_view password, std::string_view salt, uint32_t iterations) {
  auto hmac = Hmac::create(Digest::Sha256, octets(password));
  if (!hmac) return std::nullopt;
  std::vector<uint8_t> first(salt.begin(), salt.end());
  first.insert(first.end(), {0, 0, 0, 1});  // the number of the block

  Hash link{};
  if (!hmac->sign(first, link)) return std::nullopt;
  Hash sum = link;
  for (uint32_t i = 1; i < iterations; ++i) {
    if (!hmac->sign(link, link)) return std::nullopt;
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] ^= link[k];
  }
  OPENSSL_cleanse(link.data(), link.size());
  return sum;
}

// What Django's column holds: base64 with padding and the standard alphabet.
std::array<char, kHashText> to_text(const Hash& hash) {
  std::array<char, kHashText + 1> text{};  // EVP_EncodeBlock writes a zero byte
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), hash.data(),
                  static_cast<int>(hash.size()));
  std::array<char, kHashText> out{};
  std::copy_n(text.begin(), kHashText, out.begin());
  return out;
}

bool matches(std::string_view password, const Encoded& encoded) {
  const auto hash = pbkdf2(password, encoded.salt, encoded.iterations);
  if (!hash) return false;
  const auto text = to_text(*hash);
  return equal_in_constant_time(octets({text.data(), text.size()}), octets(encoded.hash));
}

// Burns the time of a hash.
void waste(uint32_t iterations) {
  static_cast<void>(pbkdf2("not a password", "notasaltbutaslongasone", iterations));
}

}  // namespace

PasswordHasher::PasswordHasher(uint32_t iterations)
    : iterations_(std::clamp(iterations, uint32_t{1}, kMaxIterations)) {}

Result<std::string> PasswordHasher::encode(std::string_view password) const {
  if (password.size() > kMaxPassword)
    return fail(Errc::TooLarge,
                "a password may have at most " + std::to_string(kMaxPassword) + " bytes");
  TOLLGATE_TRY(salt, random_text(kSaltSize, kSaltAlphabet));
  const auto hash = pbkdf2(password, salt, iterations_);
  if (!hash) return fail(openssl_error("PBKDF2"));
  std::string out(kAlgorithm);
  out.append("$").append(std::to_string(iterations_)).append("$").append(salt).append("$");
  const auto text = to_text(*hash);
  return out.append(text.data(), text.size());
}

bool PasswordHasher::verify(std::string_view password, std::string_view encoded) const {
  const auto stored = parse(encoded);
  if (!stored || password.size() > kMaxPassword) {
    waste(iterations_);
    return false;
  }
  if (matches(password, *stored)) return true;
  if (stored->iterations < iterations_) waste(iterations_ - stored->iterations);
  return false;
}

bool PasswordHasher::needs_rehash(std::string_view encoded) const {
  const auto stored = parse(encoded);
  return !stored || stored->iterations < iterations_ || stored->salt.size() < kSaltSize;
}

std::string password_fingerprint(std::string_view encoded) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  std::size_t size = 0;
  // Where OpenSSL has no MD5 (FIPS) no token's fingerprint is right: "" would be that of a
  // token without one.
  if (EVP_Q_digest(nullptr, "MD5", nullptr, encoded.data(), encoded.size(), digest.data(), &size) !=
      1)
    return "no MD5";
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    out += kDigits[digest[i] >> 4];
    out += kDigits[digest[i] & 0xF];
  }
  return out;
}

}  // namespace tollgate::crypto
