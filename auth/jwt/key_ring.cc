// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/key_ring.h"

#include <algorithm>
#include <atomic>

namespace tollgate::jwt {
namespace {

tl::unexpected<Error> refuse(const Key& key, std::size_t number, std::string_view reason) {
  return fail(Errc::InvalidArgument, key.label(number) + ": " + std::string(reason));
}

uint64_t next_generation() {
  static std::atomic<uint64_t> last = 0;
  return ++last;
}

bool is_called_alike(const Key& a, const Key& b) {
  return a.kid() == b.kid() && &a.algorithm() == &b.algorithm();
}

// Keys are not copied; their texts are.
Result<std::vector<Key>> copies(const KeyRing& ring) {
  return Key::from_jwk_set(ring.private_jwk_set().reveal(), {.extra_algorithms = true});
}

}  // namespace

KeyRing::KeyRing(std::vector<Key> keys) : keys_(std::move(keys)), generation_(next_generation()) {
  const auto found = std::ranges::find_if(keys_, &Key::may_sign);
  signer_ = found == keys_.end() ? nullptr : &*found;
}

Result<std::shared_ptr<const KeyRing>> KeyRing::create(std::vector<Key> keys) {
  if (keys.empty()) return fail(Errc::InvalidArgument, "there is no key");
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::size_t number = keys.size() == 1 ? 0 : i + 1;
    if (keys[i].is_symmetric() != keys.front().is_symmetric())
      return refuse(keys[i], number, "secrets (oct) and public keys are not in one set");
    for (std::size_t before = 0; before < i; ++before) {
      const std::string other = "key " + std::to_string(before + 1);
      if (keys[before].thumbprint() == keys[i].thumbprint())
        return refuse(keys[i], number, "is the same key as " + other);
      if (keys[before].kid() == keys[i].kid())
        return refuse(keys[i], number, "has the same kid as " + other);
    }
  }
  return std::shared_ptr<const KeyRing>(new KeyRing(std::move(keys)));
}

Result<std::shared_ptr<const KeyRing>> KeyRing::of(Key key) {
  std::vector<Key> keys;
  keys.push_back(std::move(key));
  return create(std::move(keys));
}

const Key* KeyRing::find(std::string_view kid) const {
  const auto found = std::ranges::find(keys_, kid, &Key::kid);
  return found == keys_.end() ? nullptr : &*found;
}

std::string_view KeyRing::written_kid(const Key& key) const {
  // The thumbprint of a secret is its hash, which is told to nobody (RFC 7638 7).
  if (key.is_symmetric() && (keys_.size() == 1 || key.kid() == key.thumbprint())) return {};
  return key.kid();
}

bool KeyRing::is_same(const KeyRing& other) const {
  const auto thumbprint = [](const KeyRing& ring) {
    return ring.signer_ == nullptr ? std::string() : ring.signer_->thumbprint();
  };
  return thumbprint(*this) == thumbprint(other) &&
         std::ranges::equal(keys_, other.keys_, [](const Key& a, const Key& b) {
           return a.thumbprint() == b.thumbprint() && is_called_alike(a, b);
         });
}

std::string KeyRing::public_jwk_set() const {
  std::string out = R"({"keys":[)";
  for (const Key& key : keys_) {
    const std::string jwk = key.public_jwk();
    if (jwk.empty()) continue;
    if (out.back() == '}') out += ',';
    out += jwk;
  }
  return out + "]}";
}

crypto::SecretString KeyRing::private_jwk_set() const {
  std::vector<crypto::SecretString> jwks;
  std::size_t size = 16;
  for (const Key& key : keys_) size += jwks.emplace_back(key.private_jwk()).size() + 1;
  std::string out;
  out.reserve(size);  // a string that grows leaves copies of what it held
  out += R"({"keys":[)";
  for (const auto& jwk : jwks) {
    if (out.back() == '}') out += ',';
    out += jwk.reveal();
  }
  out += "]}";
  return crypto::SecretString::take(out);
}

Result<std::shared_ptr<const KeyRing>> join(const KeyRing& now, const KeyRing& next) {
  TOLLGATE_TRY(keys, copies(now));
  TOLLGATE_TRY(others, copies(next));
  const std::size_t before = keys.size();
  for (Key& other : others) {
    const auto end = keys.begin() + static_cast<std::ptrdiff_t>(before);
    const auto known = std::ranges::find(keys.begin(), end, other.thumbprint(), &Key::thumbprint);
    if (known == end)
      keys.push_back(std::move(other).verifying_only());
    else if (!is_called_alike(*known, other))
      return fail(Errc::InvalidArgument,
                  other.label() +
                      ": has another kid or alg than it had; restart the server, or "
                      "make another key");
  }
  if (now.signer() == nullptr)
    for (Key& key : keys) key = std::move(key).verifying_only();
  return KeyRing::create(std::move(keys));
}

}  // namespace tollgate::jwt
