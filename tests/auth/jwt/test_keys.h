// Keys for tests, made once per process and type: their PEM texts and their rings.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <map>
#include <memory>
#include <string>

#include "auth/jwt/key_ring.h"

namespace tollgate::jwt::test {

enum class Pem { Pkcs8, Traditional, Spki };

// What kind of key: "RSA", "RSA:1024", "P-256", "Ed25519".
inline crypto::EvpPkeyPtr generate(const std::string& kind) {
  if (kind.starts_with("RSA"))
    return crypto::EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA",
                                                std::size_t{kind == "RSA:1024" ? 1024u : 2048u}));
  if (kind.starts_with("Ed"))
    return crypto::EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, kind.c_str()));
  return crypto::EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kind.c_str()));
}

inline std::string to_pem(evp_pkey_st* key, Pem form) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  int done = 0;
  if (form == Pem::Spki) done = PEM_write_bio_PUBKEY(bio.get(), key);
  if (form == Pem::Pkcs8)
    done = PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  if (form == Pem::Traditional)
    done =
        PEM_write_bio_PrivateKey_traditional(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  EXPECT_EQ(done, 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

// The same key each time that it is asked for.
inline evp_pkey_st* the_key(const std::string& kind) {
  static std::map<std::string, crypto::EvpPkeyPtr> keys;
  auto& key = keys[kind];
  if (!key) key = generate(kind);
  EXPECT_TRUE(key) << kind;
  return key.get();
}
inline std::string pem(const std::string& kind, Pem form = Pem::Pkcs8) {
  return to_pem(the_key(kind), form);
}

inline std::string kind_for(const Algorithm& algorithm) {
  return algorithm.curve == crypto::Curve::None ? "RSA" : crypto::curve_row(algorithm.curve).name;
}

inline const std::string kLongSecret(64, 'k');

inline Key key_for(const Algorithm& algorithm, Pem form = Pem::Pkcs8) {
  auto key = algorithm.is_symmetric()
                 ? Key::from_secret(crypto::SecretString(kLongSecret), algorithm)
                 : Key::from_pem(pem(kind_for(algorithm), form),
                                 {.algorithm = &algorithm, .extra_algorithms = true});
  if (!key) ADD_FAILURE() << algorithm.name << ": " << key.error().message;
  return *std::move(key);
}

inline std::shared_ptr<const KeyRing> ring_for(const Algorithm& algorithm, Pem form = Pem::Pkcs8) {
  return *KeyRing::of(key_for(algorithm, form));
}

}  // namespace tollgate::jwt::test
