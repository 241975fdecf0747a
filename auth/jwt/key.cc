// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/key.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "auth/crypto/base64url.h"
#include "server/base/unique_fd.h"

namespace tollgate::jwt {
namespace {

constexpr std::size_t kLargestKeyFile = 16384;

bool looks_like_pem(std::string_view text) {
  return text.find("-----BEGIN ") != std::string_view::npos;
}

bool looks_like_ssh(std::string_view text) {
  constexpr std::array<std::string_view, 6> kPrefixes = {"ssh-rsa ",    "ssh-dss ", "ssh-ed25519 ",
                                                         "ecdsa-sha2-", "sk-ssh-",  "sk-ecdsa-"};
  return std::ranges::any_of(kPrefixes,
                             [text](std::string_view prefix) { return text.starts_with(prefix); });
}

// An ASN.1 SEQUENCE whose length is that of the text. "0" is its tag as well as
// a digit, so a text of printable characters alone is not taken for one.
bool looks_like_der(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.size() < 4 || byte(0) != 0x30) return false;
  std::size_t header = 2;
  std::size_t length = byte(1);
  if (length == 0x81) {
    header = 3;
    length = byte(2);
  } else if (length == 0x82) {
    header = 4;
    length = std::size_t{byte(2)} << 8 | byte(3);
  }
  return header + length == text.size() &&
         std::ranges::any_of(text, [](char c) { return c < 0x20 || c == 0x7F; });
}

bool looks_like_jwk(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || text[start] != '{') return false;
  return text.find("\"kty\"") != std::string_view::npos ||
         text.find("\"keys\"") != std::string_view::npos;
}

// What the text is instead of a secret, or empty.
std::string_view other_kind(std::string_view text) {
  if (looks_like_pem(text)) return "a PEM file";
  if (looks_like_ssh(text)) return "an SSH key";
  if (looks_like_der(text)) return "a DER file";
  if (looks_like_jwk(text)) return "a JSON Web Key";
  return {};
}

// The whole file, or the errno that stopped us.
Result<crypto::SecretString> read_secret(int fd) {
  std::array<char, kLargestKeyFile + 1> buffer{};
  std::size_t size = 0;
  ssize_t got = 0;
  do {
    got = ::read(fd, buffer.data() + size, buffer.size() - size);
    if (got > 0) size += static_cast<std::size_t>(got);
  } while ((got > 0 && size < buffer.size()) || (got < 0 && errno == EINTR));
  const int error = errno;

  std::string_view text(buffer.data(), size);
  if (text.ends_with('\n')) text.remove_suffix(1);
  crypto::SecretString secret(text);
  OPENSSL_cleanse(buffer.data(), buffer.size());
  if (got < 0) return fail(from_errno("read", error));
  if (size > kLargestKeyFile)
    return fail(Errc::InvalidArgument, "a signing key has at most 16 KiB");
  return secret;
}

std::string exposed(const std::string& path, mode_t mode) {
  if ((mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  return path + ": the signing key can be read by others than its owner; run chmod 600 " + path;
}

}  // namespace

SigningKey::SigningKey(crypto::SecretString secret, const Algorithm& algorithm)
    : secret_(std::move(secret)), algorithm_(&algorithm) {}

Result<SigningKey> SigningKey::from_secret(crypto::SecretString secret,
                                           const Algorithm& algorithm) {
  const std::string_view text = secret.reveal();
  if (text.empty())
    return fail(Errc::InvalidArgument,
                "the signing key is empty; make one with `tollgate keys generate`");
  const std::string name(algorithm.name);
  if (const auto kind = other_kind(text); !kind.empty())
    return fail(Errc::InvalidArgument, "the signing key is " + std::string(kind) + ", but " + name +
                                           " takes a secret; make one with `tollgate keys "
                                           "generate`");
  if (text.size() < algorithm.smallest_key)
    return fail(Errc::InvalidArgument, "the signing key has " + std::to_string(text.size()) +
                                           " bytes, but " + name + " takes at least " +
                                           std::to_string(algorithm.smallest_key) +
                                           "; make one with `tollgate keys generate`");
  return SigningKey(std::move(secret), algorithm);
}

Result<crypto::Hmac> SigningKey::hmac() const {
  return crypto::Hmac::create(algorithm_->digest, crypto::octets(secret_.reveal()));
}

Result<KeyText> read_signing_key(const std::string& path, const Algorithm& algorithm) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail(from_errno("signing key " + path + ": open", errno));
  struct stat info {};
  if (::fstat(file.get(), &info) != 0)
    return fail(from_errno("signing key " + path + ": fstat", errno));

  auto secret = read_secret(file.get());
  if (!secret) return fail(with_context("signing key " + path, std::move(secret).error()));
  const auto key = SigningKey::from_secret(crypto::SecretString(secret->reveal()), algorithm);
  if (!key) return fail(with_context(path, key.error()));
  return KeyText{std::move(*secret), exposed(path, info.st_mode)};
}

Result<LoadedKey> load_signing_key(const std::string& path, const Algorithm& algorithm) {
  TOLLGATE_TRY(read, read_signing_key(path, algorithm));
  TOLLGATE_TRY(key, SigningKey::from_secret(std::move(read.text), algorithm));
  return LoadedKey{std::move(key), std::move(read.warning)};
}

Result<crypto::SecretString> generate_key() {
  std::array<uint8_t, 64> bytes{};
  TOLLGATE_CHECK(crypto::fill_random(bytes));
  std::string text = crypto::base64url(bytes);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return crypto::SecretString::take(text);
}

}  // namespace tollgate::jwt
