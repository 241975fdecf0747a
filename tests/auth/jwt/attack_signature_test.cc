// Attacks on signatures of asymmetric keys (RFC 8725 2.1, 3.1; CVE-2022-21449).
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>

#include "tests/auth/jwt/attack.h"

namespace tollgate::jwt {
namespace {

using namespace test;

class SignatureAttackTest : public SignedAttackTest {
 protected:
  std::string input() { return header() + "." + b64(kAccess); }
  std::string good() { return with_payload(std::string(kAccess)); }
  // The signature of good(), as bytes.
  std::string signature() {
    const std::string token = good();
    const std::string_view text = std::string_view(token).substr(token.rfind('.') + 1);
    std::string out(crypto::base64url_octets(text.size()), '\0');
    EXPECT_TRUE(
        crypto::base64url_decode(text, {reinterpret_cast<uint8_t*>(out.data()), out.size()}));
    return out;
  }
  Attack signed_as(std::string name, std::string_view bytes) {
    return {std::move(name), input() + "." + b64(bytes)};
  }
  std::string kind() const { return kind_for(*GetParam()); }
};

class EcdsaAttackTest : public SignatureAttackTest {};

std::string der_of(evp_pkey_st* key) {
  uint8_t* data = nullptr;
  const int size = i2d_PUBKEY(key, &data);
  std::string out(reinterpret_cast<char*>(data), static_cast<std::size_t>(size));
  OPENSSL_free(data);
  return out;
}

TEST_P(SignatureAttackTest, ThePublicKeyIsNoSecret) {
  std::string text = pem(kind(), Pem::Spki);
  std::string without_newline = text.substr(0, text.size() - 1);
  std::string one_line = without_newline;
  std::erase(one_line, '\n');
  std::vector<Attack> attacks;
  for (const auto& [name, secret] : std::vector<std::pair<std::string, std::string>>{
           {"PEM", text},
           {"PEM without its last newline", without_newline},
           {"PEM in one line", one_line},
           {"DER", der_of(the_key(kind()))},
           {"JWK", ring_->signer()->public_jwk()},
           {"JWK Set", ring_->public_jwk_set()},
           {"kid", ring_->signer()->kid()},
           {"nothing", ""}}) {
    for (const Algorithm* hmac : hmac_algorithms()) {
      const std::string alg = R"({"alg":")" + std::string(hmac->name) + '"';
      attacks.push_back({name, forge(alg + R"(,"typ":"JWT"})", kAccess, secret, hmac->digest)});
      attacks.push_back(
          {name + ", with kid", forge(alg + R"(,"kid":")" + ring_->signer()->kid() + "\"}", kAccess,
                                      secret, hmac->digest)});
    }
    // The header names the right algorithm, the signature is a MAC.
    attacks.push_back({name + ", mislabelled", forge(mine(std::string(kHeader)), kAccess, secret)});
  }
  expect(attacks);
}

TEST_P(SignatureAttackTest, TheAlgorithmIsTheKeysAndNotTheTokens) {
  std::vector<Attack> attacks;
  for (const std::string alg : {"none", "None", "NONE", "nOnE", ""}) {
    const std::string other = b64(R"({"alg":")" + alg + R"("})");
    attacks.push_back({"alg '" + alg + "' unsigned", other + "." + b64(kAccess) + "."});
    attacks.push_back({"alg '" + alg + "' signed", sign_parts(other, b64(kAccess))});
  }
  std::string lower(GetParam()->name);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  attacks.push_back({lower, sign_parts(b64(R"({"alg":")" + lower + R"("})"), b64(kAccess))});
  for (const Algorithm& other : algorithms()) {
    if (GetParam()->is_called(other.name)) continue;
    const std::string header = b64(R"({"alg":")" + std::string(other.name) + R"("})");
    attacks.push_back({std::string(other.name) + ", signed with our key's own algorithm",
                       sign_parts(header, b64(kAccess))});
    // RS256 as PS256, or RS512: the same key, another way of signing.
    if (other.is_symmetric() || kind_for(other) != kind()) continue;
    auto context = *KeyContext::for_signing(key_for(other));
    std::string bytes(context.signature_size(), '\0');
    const std::string text = header + "." + b64(kAccess);
    const std::string as_ours = input();
    auto* const out = reinterpret_cast<uint8_t*>(bytes.data());
    ASSERT_TRUE(context.sign(crypto::octets(text), {out, bytes.size()}));
    attacks.push_back({std::string(other.name) + " with the same key", text + "." + b64(bytes)});
    ASSERT_TRUE(context.sign(crypto::octets(as_ours), {out, bytes.size()}));
    attacks.push_back({std::string(other.name) + " called ours", as_ours + "." + b64(bytes)});
  }
  expect(attacks);
}

TEST_P(SignatureAttackTest, TheSignatureIsWhole) {
  const std::string bytes = signature();
  std::string flipped = bytes;
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
  const std::string half = bytes.substr(0, bytes.size() / 2);
  expect({
      {"stripped", input() + "."},
      {"no third part", input()},
      {"DER of nothing", input() + "." + b64("\x30\x06\x02\x01\x01\x02\x01\x01")},
      {"padded", good() + "="},
      {"one character more", good() + "A"},
      {"a newline", good() + "\n"},
      signed_as("shorter by one", bytes.substr(0, bytes.size() - 1)),
      signed_as("longer by one", bytes + '\0'),
      signed_as("longer by two", bytes + std::string(2, '\0')),
      signed_as("a zero in front", '\0' + bytes),
      signed_as("without its first byte", bytes.substr(1)),
      signed_as("half of it", half),
      signed_as("its half twice", half + half),
      signed_as("twice", bytes + bytes),
      signed_as("flipped", flipped),
      signed_as("all zeros", std::string(bytes.size(), '\0')),
      signed_as("all ones", std::string(bytes.size(), '\xFF')),
      signed_as("4 kB", std::string(4096, '\x01')),
      signed_as("one byte", std::string(1, '\x01')),
  });
}

TEST_P(SignatureAttackTest, OfAnotherKeyIsOfNoUseWhateverTheTokenSaysOfIt) {
  auto other = Key::from_pem(to_pem(generate(kind()).get(), Pem::Pkcs8),
                             {.algorithm = GetParam(), .extra_algorithms = true});
  ASSERT_TRUE(other);
  context_ = KeyContext::for_signing(*other);
  const std::string alg = R"({"alg":"HS256",)";
  const std::vector<Attack> attacks = {
      {"as it is", good()},
      {"jwk", with_header(alg + R"("jwk":)" + other->public_jwk() + "}")},
      {"jku", with_header(alg + R"("jku":"https://attacker.example/jwks.json"})")},
      {"jku of a file", with_header(alg + R"("jku":"file:///etc/passwd"})")},
      {"x5u", with_header(alg + R"("x5u":"https://attacker.example/x.pem"})")},
      {"x5c", with_header(alg + R"("x5c":["AAAA"],"x5t":"AAAA"})")},
      {"our kid", with_header(alg + R"("kid":")" + ring_->signer()->kid() + "\"}")},
      {"its own kid", with_header(alg + R"("kid":")" + other->kid() + "\"}")},
      {"kid a file", with_header(alg + R"("kid":"../../../../dev/null"})")},
      {"kid SQL", with_header(alg + R"("kid":"' OR 1=1; --"})")},
  };
  context_ = KeyContext::for_signing(*ring_->signer());
  expect(attacks);
  // Ours, but it names a key that nobody knows.
  expect({{"an unknown kid", with_header(alg + R"("kid":"unknown"})")}});
}

// Numbers that a sound verifier never lets into its arithmetic.
TEST_P(EcdsaAttackTest, RAndSAreFromOneToTheOrder) {
  const auto& row = crypto::curve_row(GetParam()->curve);
  std::string order;
  for (std::size_t i = 0; i < row.order.size(); i += 2)
    order += static_cast<char>(std::stoi(std::string(row.order.substr(i, 2)), nullptr, 16));
  ASSERT_EQ(order.size(), row.octets);
  const auto plus = [&order](int difference) {
    std::string out = order;
    out.back() = static_cast<char>(out.back() + difference);
    return out;
  };
  const std::string zero(row.octets, '\0');
  const std::string one = zero.substr(1) + '\x01';
  const std::pair<std::string, std::string> values[] = {
      {"0", zero},  {"1", one},       {"n-1", plus(-1)},
      {"n", order}, {"n+1", plus(1)}, {"2^m-1", std::string(row.octets, '\xFF')}};
  const std::string bytes = signature();
  std::vector<Attack> attacks;
  for (const auto& [r_name, r] : values) {
    for (const auto& [s_name, s] : values)
      attacks.push_back(signed_as("r = " + r_name + ", s = " + s_name, r + s));
    attacks.push_back(signed_as("r = " + r_name, r + bytes.substr(row.octets)));
    attacks.push_back(signed_as("s = " + r_name, bytes.substr(0, row.octets) + r));
  }
  expect(attacks);
}

TEST_P(EcdsaAttackTest, DerIsNoSignature) {
  const crypto::EvpMdCtxPtr context(EVP_MD_CTX_new());
  const char* const digest = GetParam()->digest == crypto::Digest::Sha256   ? "SHA256"
                             : GetParam()->digest == crypto::Digest::Sha384 ? "SHA384"
                                                                            : "SHA512";
  ASSERT_EQ(EVP_DigestSignInit_ex(context.get(), nullptr, digest, nullptr, nullptr, the_key(kind()),
                                  nullptr),
            1);
  const std::string text = input();
  std::string der(200, '\0');
  std::size_t size = der.size();
  ASSERT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<uint8_t*>(der.data()), &size,
                           crypto::octets(text).data(), text.size()),
            1);
  expect({signed_as("DER", der.substr(0, size))});
}

// RFC 7518 3.5: the salt is as long as the digest, and of no other length.
TEST(SignatureAttack, APssSaltOfAnotherLengthIsRefused) {
  const auto ring = ring_for(*find_algorithm("PS256"));
  const std::string text = b64(R"({"alg":"PS256","typ":"JWT"})") + "." + b64(kAccess);
  const auto with_salt = [&text](int salt) {
    const crypto::EvpMdCtxPtr context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* inner = nullptr;
    EXPECT_EQ(EVP_DigestSignInit_ex(context.get(), &inner, "SHA256", nullptr, nullptr,
                                    the_key("RSA"), nullptr),
              1);
    EXPECT_EQ(EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING), 1);
    EXPECT_EQ(EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, salt), 1);
    std::string out(256, '\0');
    std::size_t size = out.size();
    EXPECT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<uint8_t*>(out.data()), &size,
                             crypto::octets(text).data(), text.size()),
              1);
    return text + "." + b64(out);
  };
  std::vector<Attack> attacks;
  for (const int salt : {0, 20, 31, 33, 64, 222})
    attacks.push_back({"salt of " + std::to_string(salt), with_salt(salt)});
  expect_refused(ring, with_salt(32), attacks);
}

// RFC 8032 5.1.7: S is below the group's order; S + L would be the same signature again.
TEST(SignatureAttack, AnEd25519SignatureHasOneForm) {
  const auto ring = ring_for(*find_algorithm("EdDSA"));
  auto context = *KeyContext::for_signing(*ring->signer());
  const std::string text = b64(R"({"alg":"EdDSA","typ":"JWT"})") + "." + b64(kAccess);
  std::array<uint8_t, 64> bytes{};
  ASSERT_TRUE(context.sign(crypto::octets(text), bytes));
  const std::string good = text + "." + crypto::base64url(bytes);
  constexpr std::array<uint8_t, 32> kOrder = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                              0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                              0,    0,    0,    0,    0,    0,    0,    0,
                                              0,    0,    0,    0,    0,    0,    0,    0x10};
  unsigned carry = 0;
  for (std::size_t i = 0; i < kOrder.size(); ++i) {
    carry += unsigned{bytes[32 + i]} + kOrder[i];
    bytes[32 + i] = static_cast<uint8_t>(carry);
    carry >>= 8;
  }
  expect_refused(ring, good, {{"S + L", text + "." + crypto::base64url(bytes)}});
}

std::vector<const Algorithm*> algorithms_but(bool (*is_other)(const Algorithm*)) {
  auto out = all_algorithms();
  std::erase_if(out, is_other);
  return out;
}

INSTANTIATE_TEST_SUITE_P(Algorithms, SignatureAttackTest,
                         testing::ValuesIn(algorithms_but([](const Algorithm* row) {
                           return row->is_symmetric();
                         })),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Algorithms, EcdsaAttackTest,
                         testing::ValuesIn(algorithms_but([](const Algorithm* row) {
                           return row->family != Family::Ecdsa;
                         })),
                         name_of);

}  // namespace
}  // namespace tollgate::jwt
