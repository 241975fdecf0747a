// What it costs to check an access token, from the bytes of the header field to its claims.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#include <array>
#include <cstdlib>
#include <map>

#include "auth/jwt/signer.h"
#include "auth/jwt/verifier.h"
#include "tests/bench/must.h"
#include "tests/bench/tokens.h"

namespace tollgate::bench {
namespace {

constexpr std::string_view kScheme = "Bearer ";
constexpr std::array kAlgorithms = {"HS256", "RS256", "ES256", "EdDSA"};

std::string pem_of(evp_pkey_st* key, bool is_private) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  if (is_private)
    PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  else
    PEM_write_bio_PUBKEY(bio.get(), key);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Sample make(const std::string& name) {
  const jwt::Algorithm& algorithm = *jwt::find_algorithm(name);
  Sample made;
  if (algorithm.is_symmetric()) {
    made.secret = std::string(64, 'k');
    made.ring = must(jwt::KeyRing::of(
        must(jwt::Key::from_secret(crypto::SecretString(made.secret), algorithm))));
  } else {
    const crypto::EvpPkeyPtr key(
        name == "RS256"   ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048})
        : name == "EdDSA" ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                          : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    made.pem = pem_of(key.get(), false);
    made.ring = must(jwt::KeyRing::of(
        must(jwt::Key::from_pem(pem_of(key.get(), true), {.algorithm = &algorithm}))));
  }
  auto signer = must(jwt::Signer::create(made.ring));
  made.token = must(signer.sign({.type = jwt::TokenType::Access,
                                 .exp = kNow + 300,
                                 .iat = kNow,
                                 .jti = "bcc0a850a7c24555bb5ea8723a53c21b",
                                 .rest = R"("user_id":"1")"}));
  return made;
}

// The floor: the MAC alone, over the same bytes, with everything kept that can be.
void openssl_hmac(benchmark::State& state) {
  const Sample& from = sample("HS256");
  const std::string_view input = std::string_view(from.token).substr(0, from.token.rfind('.'));
  EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* const context = EVP_MAC_CTX_new(mac);
  std::array<char, 7> digest = {"SHA256"};
  const std::array<OSSL_PARAM, 2> params = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  EVP_MAC_init(context, reinterpret_cast<const uint8_t*>(from.secret.data()), from.secret.size(),
               params.data());
  std::array<uint8_t, 32> out{};
  for (auto _ : state) {
    std::size_t size = 0;
    EVP_MAC_init(context, nullptr, 0, nullptr);
    EVP_MAC_update(context, reinterpret_cast<const uint8_t*>(input.data()), input.size());
    EVP_MAC_final(context, out.data(), &size, out.size());
    benchmark::DoNotOptimize(out);
  }
  EVP_MAC_CTX_free(context);
  EVP_MAC_free(mac);
}

void tollgate_verify(benchmark::State& state, const std::string& algorithm, bool cache) {
  const Sample& from = sample(algorithm);
  auto verifier = must(jwt::Verifier::create(from.ring, {.cache = cache}));
  const jwt::Policy policy{.type = jwt::TokenType::Access};
  const WallTime now{std::chrono::seconds(kNow)};
  const std::string field = std::string(kScheme) + from.token;
  for (auto _ : state) {
    std::string_view value = field;
    value.remove_prefix(kScheme.size());
    const auto claims = verifier.verify(value, policy, now);
    if (!claims) state.SkipWithError("refused");
    benchmark::DoNotOptimize(claims);
  }
}

}  // namespace

const Sample& sample(const std::string& algorithm) {
  static std::map<std::string, Sample> samples;
  const auto found = samples.find(algorithm);
  return found != samples.end() ? found->second
                                : samples.emplace(algorithm, make(algorithm)).first->second;
}

}  // namespace tollgate::bench

int main(int argc, char** argv) {
  using namespace tollgate::bench;
  benchmark::RegisterBenchmark("openssl/HMAC-SHA256, context kept", openssl_hmac);
  for (const std::string algorithm : kAlgorithms) {
    benchmark::RegisterBenchmark(("tollgate/" + algorithm + ", cached").c_str(), tollgate_verify,
                                 algorithm, true);
    benchmark::RegisterBenchmark(("tollgate/" + algorithm).c_str(), tollgate_verify, algorithm,
                                 false);
  }
  register_other_libraries();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
