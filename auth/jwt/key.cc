// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/key.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

#include "auth/crypto/base64url.h"

namespace tollgate::jwt {
namespace {

// Without what editors put in front: byte-order marks and white space.
std::string_view bare(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (!text.starts_with(kMark)) return text;
    text.remove_prefix(kMark.size());
  }
}

// RFC 7468 2 has five hyphens, SSH's own form (RFC 4716 3.2) four and a space.
bool looks_like_pem(std::string_view text) {
  return text.find("-----BEGIN ") != std::string_view::npos ||
         text.find("---- BEGIN ") != std::string_view::npos;
}

bool looks_like_ssh(std::string_view text) {
  // Without what may follow: a certificate goes on with "-cert-v01@openssh.com".
  constexpr std::array<std::string_view, 6> kPrefixes = {"ssh-rsa",     "ssh-dss", "ssh-ed",
                                                         "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"};
  return std::ranges::any_of(kPrefixes,
                             [text](std::string_view prefix) { return text.starts_with(prefix); });
}

// An ASN.1 SEQUENCE whose length is that of the text, but for a newline that was added to the file
// or, being its last byte, taken away; a key begins with a version (RFC 5208 5, RFC 8017 A.1) or
// with an algorithm (RFC 5280 4.1, RFC 5208 6), a bundle of certificates with its type (RFC 2315
// 7), so that of random secrets of 64 bytes one in 1.4 million looks like this. "0" is the tag as
// well as a digit, so a text of printable characters alone is not taken for one.
bool looks_like_der(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  constexpr unsigned char kInteger = 0x02;
  constexpr unsigned char kObject = 0x06;
  constexpr unsigned char kSequence = 0x30;
  if (text.size() < 8 || byte(0) != kSequence) return false;
  std::size_t header = 2;
  std::size_t length = byte(1);
  if (length == 0x81) {
    header = 3;
    length = byte(2);
  } else if (length == 0x82) {
    header = 4;
    length = std::size_t{byte(2)} << 8 | byte(3);
  }
  const std::size_t size = header + length;
  return size <= text.size() + 1 && text.size() <= size + 2 &&
         (byte(header) == kInteger || byte(header) == kObject || byte(header) == kSequence) &&
         std::ranges::any_of(text, [](char c) { return c < 0x20 || c == 0x7F; });
}

bool looks_like_jwk(std::string_view text) {
  // A list of keys is no JWK Set, and still no secret.
  if (!text.starts_with('{') && !text.starts_with('[')) return false;
  return text.find("\"kty\"") != std::string_view::npos ||
         text.find("\"keys\"") != std::string_view::npos;
}

// What the text is instead of a secret, in words.
std::string_view name_of(KeyText kind) {
  constexpr std::array<std::string_view, 5> kNames = {"a secret", "a PEM file", "an SSH key",
                                                      "a DER file", "a JSON Web Key"};
  return kNames[static_cast<std::size_t>(kind)];
}

tl::unexpected<Error> refuse(std::string message) {
  return fail(Errc::InvalidArgument, std::move(message));
}

std::string describe(const crypto::Pkey& key) {
  switch (key.type()) {
    case crypto::KeyType::Rsa:
      return "an RSA key";
    case crypto::KeyType::Ec:
      return "a key on the curve " + std::string(crypto::curve_row(key.curve()).name);
    case crypto::KeyType::Okp:
      break;
  }
  return "an " + std::string(crypto::curve_row(key.curve()).name) + " key";
}

// A name that came with a key, fit for a log.
std::string printable(std::string_view text) {
  std::string out(text.substr(0, 64));
  std::ranges::replace_if(
      out, [](char c) { return c < 0x20 || c == 0x7F || c == '"'; }, '?');
  return out;
}

}  // namespace

KeyText kind_of(std::string_view text) {
  if (looks_like_pem(text)) return KeyText::Pem;
  const std::string_view rest = bare(text);
  if (looks_like_ssh(rest)) return KeyText::Ssh;
  if (looks_like_der(rest)) return KeyText::Der;
  if (looks_like_jwk(rest)) return KeyText::Jwk;
  return KeyText::Secret;
}

Key::Key(crypto::SecretString secret, std::optional<crypto::Pkey> pkey, const Algorithm& algorithm)
    : secret_(std::move(secret)),
      pkey_(std::move(pkey)),
      algorithm_(&algorithm),
      may_sign_(!pkey_ || pkey_->is_private()) {}

Status Key::take_kid(std::string kid) {
  TOLLGATE_TRY(print, compute_thumbprint());
  thumbprint_ = std::move(print);
  has_own_kid_ = !kid.empty();
  kid_ = has_own_kid_ ? std::move(kid) : thumbprint_;
  if (kid_.size() > kLongestKid) return refuse("its kid has more than 256 bytes");
  return {};
}

Result<Key> Key::from_secret(crypto::SecretString secret, const Algorithm& algorithm,
                             std::string kid) {
  const std::string_view text = secret.reveal();
  if (text.empty())
    return refuse("the signing key is empty; make one with `tollgate keys generate`");
  const std::string name(algorithm.name);
  if (!algorithm.is_symmetric())
    return refuse("the signing key is a secret, but " + name + " takes a private key in PEM");
  if (const auto kind = kind_of(text); kind != KeyText::Secret)
    return refuse("the signing key is " + std::string(name_of(kind)) + ", but " + name +
                  " takes a secret; make one with `tollgate keys generate`");
  if (text.size() < smallest_secret(algorithm))
    return refuse("the signing key has " + std::to_string(text.size()) + " bytes, but " + name +
                  " takes at least " + std::to_string(smallest_secret(algorithm)) +
                  "; make one with `tollgate keys generate`");
  Key key(std::move(secret), std::nullopt, algorithm);
  TOLLGATE_CHECK(key.take_kid(std::move(kid)));
  return key;
}

Result<Key> Key::from_pem(std::string_view text, const KeyOptions& options) {
  // Before it is parsed: a public key must never become a secret.
  if (options.algorithm != nullptr && options.algorithm->is_symmetric())
    return refuse("the signing key is a PEM file, but " + std::string(options.algorithm->name) +
                  " takes a secret; set algorithm to the key's own, for example RS256");
  auto pkey = crypto::Pkey::from_pem(text);
  if (!pkey) return fail(with_context("the PEM text", std::move(pkey).error()));
  return from_pkey(std::move(*pkey), options);
}

Result<Key> Key::from_pkey(crypto::Pkey pkey, const KeyOptions& options) {
  const Algorithm& algorithm =
      options.algorithm != nullptr ? *options.algorithm : usual_algorithm(pkey);
  if (!fits(algorithm, pkey))
    return refuse("it is " + describe(pkey) + ", which is not for " + std::string(algorithm.name));
  if (algorithm.extra && !options.extra_algorithms)
    return refuse(std::string(algorithm.name) + " is only for who sets extra_algorithms");
  Key key({}, std::move(pkey), algorithm);
  TOLLGATE_CHECK(key.take_kid(options.kid));
  return key;
}

// 3072: NIST SP 800-57 part 1, table 4, for what is used after 2030.
Result<Key> Key::generate(const Algorithm& algorithm, bool extra_algorithms) {
  if (algorithm.is_symmetric()) {
    TOLLGATE_TRY(secret, generate_key());
    TOLLGATE_TRY(kid, random_kid());
    return from_secret(std::move(secret), algorithm, std::move(kid));
  }
  auto pkey = algorithm.curve == crypto::Curve::None ? crypto::Pkey::generate_rsa(3072)
                                                     : crypto::Pkey::generate(algorithm.curve);
  if (!pkey) return fail(std::move(pkey).error());
  return from_pkey(std::move(*pkey),
                   {.algorithm = &algorithm, .extra_algorithms = extra_algorithms});
}

Key Key::verifying_only() && {
  Key key = std::move(*this);
  key.may_sign_ = false;
  return key;
}

std::string Key::strength() const {
  if (!pkey_) return std::to_string(secret_.size()) + " bytes";
  if (pkey_->type() == crypto::KeyType::Rsa) return std::to_string(pkey_->bits()) + " bits";
  return crypto::curve_row(pkey_->curve()).name;
}

std::string Key::label(std::size_t number) const {
  std::string out = "key";
  if (number != 0) out += ' ' + std::to_string(number);
  if (has_own_kid_ || !is_symmetric()) out += " (kid \"" + printable(kid_) + "\")";
  return out;
}

Result<crypto::Hmac> Key::hmac() const {
  if (!is_symmetric()) return refuse("an asymmetric key makes no HMAC");
  return crypto::Hmac::create(algorithm_->digest, crypto::octets(secret_.reveal()));
}

Result<crypto::Signature> Key::verifying() const {
  if (!pkey_) return refuse("a secret makes no signature");
  return crypto::Signature::for_verifying(*pkey_, scheme_of(*algorithm_), algorithm_->digest);
}

Result<crypto::Signature> Key::signing() const {
  if (!pkey_) return refuse("a secret makes no signature");
  return crypto::Signature::for_signing(*pkey_, scheme_of(*algorithm_), algorithm_->digest);
}

Result<std::string> random_kid() {
  return crypto::random_text(16, "abcdefghijklmnopqrstuvwxyz0123456789");
}

Result<crypto::SecretString> generate_key() {
  std::array<uint8_t, 64> bytes{};
  TOLLGATE_CHECK(crypto::fill_random(bytes));
  std::string text = crypto::base64url(bytes);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return crypto::SecretString::take(text);
}

}  // namespace tollgate::jwt
