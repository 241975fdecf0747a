// Any bytes as a token, a JWK, a JWK Set or a PEM text: the verifier never accepts what its keys
// did not sign, answers a second time what it answered first, and goes on to accept a good token;
// a key that is made is one that signs what it verifies and that its own JWK makes again. The
// first line of the input says what the rest is: "token", "signed", "jwk" or "pem". "signed" gives
// the rest, as header LF payload, a signature that holds.
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>

#include "auth/crypto/base64url.h"
#include "auth/jwt/signer.h"
#include "auth/jwt/verifier.h"
#include "tests/fuzz/fuzz.h"

namespace tollgate::fuzz {
namespace {

using namespace jwt;

constexpr int64_t kNow = 1795343500;
const WallTime now{std::chrono::seconds(kNow)};

std::shared_ptr<const KeyRing> ring_of(std::string_view jwk) {
  auto key = Key::from_jwk(jwk, {.extra_algorithms = true});
  require(key.has_value(), "our keys are keys");
  return *KeyRing::of(std::move(*key));
}

std::string b64(std::string_view text) { return crypto::base64url(crypto::octets(text)); }

NewToken new_token() {
  return {.type = TokenType::Access, .exp = kNow + 5, .iat = kNow, .jti = "ab", .rest = ""};
}

struct Side {
  explicit Side(std::string_view jwk) : ring(ring_of(jwk)) {}

  std::shared_ptr<const KeyRing> ring;
  Verifier verifier = *Verifier::create(ring);
  KeyContext context = *KeyContext::for_signing(*ring->signer());
  std::string good = *Signer::create(ring)->sign(new_token());
  Policy policy{.user_id = UserIdRule::Ignored};

  bool accepts(std::string_view token) {
    const auto first = verifier.verify(token, policy, now);
    const bool answer = first.has_value();
    if (answer) require(first->exp && *first->exp > kNow, "an accepted token is not over");
    require(verifier.verify(token, policy, now).has_value() == answer, "the answer is the same");
    require(verifier.verify(good, policy, now).has_value(), "a good token is still good");
    return answer;
  }

  std::string sign(std::string_view header, std::string_view payload) {
    const std::string input = b64(header) + "." + b64(payload);
    std::array<uint8_t, crypto::kMaxSignature> out{};
    require(context.sign(crypto::octets(input), out), "it is signed");
    return input + "." + crypto::base64url(crypto::Octets(out).first(context.signature_size()));
  }
};

std::array<Side, 2>& sides() {
  static std::array<Side, 2> both = {
      Side(R"({"kty":"oct","k":"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s"})"),
      Side(R"({"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",)"
           R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})")};
  return both;
}

void try_key(Result<Key> key) {
  if (!key) return require(!key.error().message.empty(), "a refusal says why");
  auto again = Key::from_jwk(key->private_jwk().reveal(), {.extra_algorithms = true});
  require(again.has_value(), "its JWK is a key");
  require(again->thumbprint() == key->thumbprint(), "its JWK is the same key");
  const auto ring = KeyRing::of(std::move(*key));
  require(ring.has_value(), "a key is a ring");
  auto verifier = Verifier::create(*ring);
  auto signer = Signer::create(*ring);
  require(verifier.has_value() && signer.has_value(), "a ring verifies");
  if ((*ring)->signer() == nullptr) return;
  const auto token = signer->sign(new_token());
  require(token.has_value(), "a private key signs");
  require(verifier->verify(*token, Policy{.user_id = UserIdRule::Ignored}, now).has_value(),
          "a key verifies what it signs");
}

}  // namespace

void fuzz(std::string_view input) {
  const std::string_view what = take_line(input);
  if (what == "token") {
    // The good tokens are the only ones whose signatures the fuzzer could know.
    for (Side& side : sides())
      if (side.accepts(input)) require(input == side.good, "only what is signed is accepted");
  } else if (what == "signed") {
    const std::string_view header = take_line(input);
    for (Side& side : sides()) side.accepts(side.sign(header, input));
  } else if (what == "pem") {
    try_key(Key::from_pem(input, {.extra_algorithms = true}));
  } else {
    try_key(Key::from_jwk(input, {.extra_algorithms = true}));
    auto keys = Key::from_jwk_set(input, {.extra_algorithms = true});
    if (keys) static_cast<void>(KeyRing::create(std::move(*keys)));
  }
}

}  // namespace tollgate::fuzz
