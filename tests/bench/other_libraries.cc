// The same tokens through libjwt and cjose, as their manuals say: a key that is made once where
// the library can keep one, and the claims read where it reads them.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <cjose/cjose.h>
#include <jwt.h>

#include "tests/bench/tokens.h"

namespace tollgate::bench {
namespace {

// It parses a PEM key for every token: there is no way to keep one.
void libjwt_verify(benchmark::State& state, const std::string& algorithm) {
  const Sample& from = sample(algorithm);
  const std::string& key = from.pem.empty() ? from.secret : from.pem;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(key.data());
  for (auto _ : state) {
    jwt_t* token = nullptr;
    if (jwt_decode(&token, from.token.c_str(), bytes, static_cast<int>(key.size())) != 0)
      state.SkipWithError("refused");
    const long expires = token == nullptr ? 0 : jwt_get_grant_int(token, "exp");
    benchmark::DoNotOptimize(expires);
    if (expires <= kNow) state.SkipWithError("expired");
    jwt_free(token);
  }
}

// It gives the payload as bytes and reads no claims.
void cjose_verify(benchmark::State& state, const std::string& algorithm) {
  const Sample& from = sample(algorithm);
  const jwt::Key& key = *from.ring->signer();
  const crypto::SecretString secret = key.private_jwk();
  const std::string jwk = key.is_symmetric() ? std::string(secret.reveal()) : key.public_jwk();
  cjose_err error{};
  cjose_jwk_t* const imported = cjose_jwk_import(jwk.data(), jwk.size(), &error);
  if (imported == nullptr) {
    state.SkipWithError(error.message);
    return;
  }
  for (auto _ : state) {
    cjose_jws_t* const jws = cjose_jws_import(from.token.data(), from.token.size(), &error);
    uint8_t* payload = nullptr;
    std::size_t size = 0;
    if (jws == nullptr || !cjose_jws_verify(jws, imported, &error) ||
        !cjose_jws_get_plaintext(jws, &payload, &size, &error))
      state.SkipWithError("refused");
    benchmark::DoNotOptimize(payload);
    cjose_jws_release(jws);
  }
  cjose_jwk_release(imported);
}

}  // namespace

void register_other_libraries() {
  for (const std::string algorithm : {"HS256", "RS256", "ES256"}) {
    benchmark::RegisterBenchmark(("libjwt/" + algorithm).c_str(), libjwt_verify, algorithm);
    benchmark::RegisterBenchmark(("cjose/" + algorithm).c_str(), cjose_verify, algorithm);
  }
}

}  // namespace tollgate::bench
