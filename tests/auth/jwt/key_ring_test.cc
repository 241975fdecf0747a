// Keys from PEM and JWK, what is refused of them, and the ring that they make.
// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/key_ring.h"

#include <gtest/gtest.h>

#include "auth/jwt/signer.h"
#include "auth/jwt/verifier.h"
#include "tests/auth/jwt/forge.h"
#include "tests/auth/jwt/test_keys.h"

namespace tollgate::jwt {
namespace {

using namespace test;

const KeyOptions extra{.extra_algorithms = true};

std::string private_jwk(const Algorithm& algorithm) {
  return std::string(key_for(algorithm).private_jwk().reveal());
}
// `text` with the first `from` replaced.
std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << text;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}
// The value of a member that is a string.
std::string value(const std::string& json, const std::string& name) {
  const auto at = json.find("\"" + name + "\":\"") + name.size() + 4;
  return json.substr(at, json.find('"', at) - at);
}

NewToken token() {
  return {.type = TokenType::Access,
          .exp = kNow + 5,
          .iat = kNow,
          .jti = "ab",
          .rest = R"("user_id":3)"};
}

void expect_one_verifies_the_other(std::shared_ptr<const KeyRing> signing,
                                   std::shared_ptr<const KeyRing> verifying,
                                   std::string_view what) {
  auto signer = Signer::create(std::move(signing));
  auto verifier = Verifier::create(std::move(verifying));
  ASSERT_TRUE(signer && verifier) << what;
  const auto made = signer->sign(token());
  ASSERT_TRUE(made) << what << ": " << made.error().message;
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(verifier->verify(*made, Policy{}, at(kNow))) << what;
}

TEST(KeyRing, OfSecretsTellsNoHashOfThemByWayOfKid) {
  std::vector<Key> keys;
  for (const char letter : {'a', 'b'})
    keys.push_back(*Key::from_secret(crypto::SecretString(std::string(64, letter)), hs256()));
  const auto ring = *KeyRing::create(std::move(keys));
  const auto again = *KeyRing::create(*Key::from_jwk_set(ring->private_jwk_set().reveal()));
  for (const auto& each : {ring, again})
    EXPECT_EQ(each->written_kid(*each->signer()), "") << "RFC 7638 7";
}

TEST(Key, OfEveryAlgorithmSignsWhatItsOtherFormsVerify) {
  for (const auto& row : algorithms()) {
    const auto again = Key::from_jwk(private_jwk(row), extra);
    ASSERT_TRUE(again) << row.name << again.error().message;
    EXPECT_EQ(again->algorithm().name, row.name);
    EXPECT_EQ(again->kid(), key_for(row).kid());
    EXPECT_TRUE(again->may_sign());
    if (row.is_symmetric()) {
      expect_one_verifies_the_other(ring_for(row), ring_for(row), row.name);
      EXPECT_EQ(again->public_jwk(), "");
      continue;
    }
    for (const Pem form : {Pem::Pkcs8, Pem::Traditional, Pem::Spki}) {
      if (form == Pem::Traditional && row.family == Family::Eddsa) continue;
      expect_one_verifies_the_other(ring_for(row), ring_for(row, form), row.name);
    }
    auto half = Key::from_jwk(again->public_jwk(), extra);
    ASSERT_TRUE(half) << row.name << half.error().message;
    EXPECT_FALSE(half->may_sign());
    EXPECT_EQ(half->thumbprint(), again->thumbprint());
    EXPECT_EQ(half->public_jwk().find("\"d\""), std::string::npos);
    expect_one_verifies_the_other(ring_for(row), *KeyRing::of(std::move(*half)), row.name);
  }
}

TEST(Key, HasTheThumbprintsOfTheRfcs) {
  const auto rsa = Key::from_jwk(  // RFC 7638 3.1
      R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7a)"
      R"(PFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4)"
      R"(QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qN)"
      R"(Lyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnq)"
      R"(DKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"})");
  ASSERT_TRUE(rsa) << rsa.error().message;
  EXPECT_EQ(rsa->thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  EXPECT_EQ(rsa->kid(), "2011-04-29");
  const auto okp = Key::from_jwk(  // RFC 8037 A.1, A.3
      R"({"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",)"
      R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  ASSERT_TRUE(okp) << okp.error().message;
  EXPECT_EQ(okp->kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

struct Bad {
  const char* name;
  std::string jwk;
  const char* reason;
};

TEST(Key, OfAJwkIsRefusedWithAReasonThatShowsNothingOfIt) {
  const auto& rs256 = *find_algorithm("RS256");
  const auto& es256 = *find_algorithm("ES256");
  const auto& eddsa = *find_algorithm("EdDSA");
  const std::string rsa = private_jwk(rs256);
  const std::string ec = private_jwk(es256);
  const std::string okp = private_jwk(eddsa);
  const std::string oct = private_jwk(hs256());
  const std::string point = value(ec, "x");
  const std::string zeros(43, 'A');
  const std::vector<Bad> rows = {
      {"no JSON", "{", "strict JSON"},
      {"a member twice", with(oct, "{", R"({"kty":"oct",)"), "strict JSON"},
      {"kty unknown", with(oct, R"("kty":"oct")", R"("kty":"OCT")"), "kty"},
      {"short secret", R"({"kty":"oct","k":"c2hvcnQ"})", "5 bytes"},
      {"empty secret", R"({"kty":"oct","k":""})", "\"k\""},
      {"padded", with(oct, value(oct, "k"), value(oct, "k") + "="), "base64url"},
      {"a PEM text as secret", R"({"kty":"oct","k":")" + b64(pem("P-256", Pem::Spki)) + "\"}",
       "PEM"},
      {"e = 1", with(rsa, R"("e":"AQAB")", R"("e":"AQ")"), "exponent"},
      {"e even", with(rsa, R"("e":"AQAB")", R"("e":"AQAA")"), "exponent"},
      {"1024 bits", R"({"kty":"RSA","e":"AQAB","n":")" + b64(std::string(128, '\xC1')) + "\"}",
       "1024 bits"},
      {"n with a zero in front", R"({"kty":"RSA","e":"AQAB","n":"AMEB"})", "zero"},
      {"d of another", with(rsa, value(rsa, "d"), value(rsa, "n")), "private part"},
      {"p of another", with(rsa, value(rsa, "p"), value(rsa, "q")), "private part"},
      {"p without q", with(rsa, "\"q\":", "\"Q\":"), "\"q\""},
      {"off the curve", with(ec, value(ec, "x"), value(ec, "y")), "not on the curve"},
      {"a short coordinate", with(ec, value(ec, "x"), "AAAA"), "32 bytes"},
      {"d = 0", with(ec, value(ec, "d"), zeros), "private part"},
      {"d of another key", with(ec, value(ec, "d"), b64(std::string(31, '\0') + "\x05")),
       "private part"},
      {"x of another", with(okp, value(okp, "x"), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
       "private part"},
      {"Ed25519, small order", R"({"kty":"OKP","crv":"Ed25519","x":")" + zeros + "\"}", "anybody"},
      {"X25519", R"({"kty":"OKP","crv":"X25519","x":")" + zeros + "\"}", "crv"},
      {"P-256 as OKP", with(ec, R"("kty":"EC")", R"("kty":"OKP")"), "crv"},
      {"P-256 for ES384", with(ec, R"("alg":"ES256")", R"("alg":"ES384")"), "not for ES384"},
      {"RSA for ES256", with(rsa, R"("alg":"RS256")", R"("alg":"ES256")"), "not for ES256"},
      {"RSA for HS256", with(rsa, R"("alg":"RS256")", R"("alg":"HS256")"), "not for HS256"},
      {"oct for RS256", with(oct, R"("alg":"HS256")", R"("alg":"RS256")"), "alg"},
      {"alg none", with(oct, R"("alg":"HS256")", R"("alg":"none")"), "alg"},
      {"alg a number", with(oct, R"("alg":"HS256")", R"("alg":256)"), "alg"},
      {"use enc", with(rsa, R"("use":"sig")", R"("use":"enc")"), "use"},
      {"key_ops without", with(rsa, R"("use":"sig")", R"("key_ops":["encrypt"])"), "key_ops"},
      {"key_ops twice", with(rsa, R"("use":"sig")", R"("key_ops":["sign","sign"])"), "twice"},
      {"kid a number", with(oct, R"("kid":")" + value(oct, "kid") + '"', R"("kid":5)"), "kid"},
      {"kid empty", with(oct, R"("kid":")" + value(oct, "kid") + '"', R"("kid":"")"), "kid"},
  };
  for (const auto& [name, jwk, reason] : rows) {
    const auto key = Key::from_jwk(jwk);
    ASSERT_FALSE(key) << name;
    EXPECT_NE(key.error().message.find(reason), std::string::npos)
        << name << ": " << key.error().message;
    for (const std::string& secret :
         {value(rsa, "d"), value(ec, "d"), value(okp, "d"), value(oct, "k"), point})
      EXPECT_EQ(key.error().message.find(secret.substr(0, 8)), std::string::npos) << name;
  }
}

TEST(Key, OfPemIsRefusedWithAReason) {
  const Algorithm* const es384 = find_algorithm("ES384");
  const Algorithm* const es256k = find_algorithm("ES256K");
  const std::string good = pem("RSA");
  struct Row {
    const char* name;
    std::string text;
    KeyOptions options;
    const char* reason;
  };
  const Row rows[] = {
      {"for HMAC", good, {.algorithm = &hs256()}, "takes a secret"},
      {"P-256 for ES384", pem("P-256"), {.algorithm = es384}, "not for ES384"},
      {"RSA for ES384", good, {.algorithm = es384}, "an RSA key, which is not for ES384"},
      {"1024 bits", pem("RSA:1024"), {}, "1024 bits is too short"},
      {"secp256k1 without the switch", pem("secp256k1"), {}, "extra_algorithms"},
      {"Ed448 without the switch", pem("Ed448"), {}, "extra_algorithms"},
      {"ES256K without the switch", pem("secp256k1"), {.algorithm = es256k}, "extra_algorithms"},
      {"another curve", pem("brainpoolP256r1"), {}, "a kind or on a curve"},
      {"X25519",
       to_pem(crypto::EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")).get(), Pem::Pkcs8),
       {},
       "a kind or on a curve"},
      {"damaged", with(good, "MII", "MIJ"), {}, "damaged"},
      {"two", good + pem("P-256"), {}, "more than one"},
      {"encrypted",
       with(with(good, "PRIVATE", "ENCRYPTED PRIVATE"), "END PRIVATE", "END ENCRYPTED PRIVATE"),
       {},
       "encrypted"},
      {"a certificate",
       "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
       {},
       "certificate"},
      {"something else", "-----BEGIN X-----\nAAAA\n-----END X-----\n", {}, "neither"},
  };
  for (const auto& [name, text, options, reason] : rows) {
    const auto key = Key::from_pem(text, options);
    ASSERT_FALSE(key) << name;
    EXPECT_NE(key.error().message.find(reason), std::string::npos)
        << name << ": " << key.error().message;
  }
}

std::string refusal(const std::string& set) {
  auto keys = Key::from_jwk_set(set, extra);
  if (!keys) return keys.error().message;
  const auto ring = KeyRing::create(std::move(*keys));
  return ring ? "" : ring.error().message;
}

TEST(KeyRing, RefusesKeysThatDoNotGoTogetherAndNamesThem) {
  const std::string ec = key_for(*find_algorithm("ES256")).public_jwk();
  const std::string okp = key_for(*find_algorithm("EdDSA")).public_jwk();
  const std::string oct = private_jwk(hs256());
  const auto set = [](const std::string& one, const std::string& two) {
    return R"({"keys":[)" + one + "," + two + "]}";
  };
  const auto named = [](const std::string& jwk, const std::string& kid) {
    return with(jwk, value(jwk, "kid"), kid);
  };
  EXPECT_EQ(refusal(set(ec, okp)), "");
  EXPECT_EQ(refusal(set(named(ec, "a"), named(okp, "a"))),
            "key 2 (kid \"a\"): has the same kid as key 1");
  EXPECT_EQ(refusal(set(named(ec, "a"), named(ec, "b"))),
            "key 2 (kid \"b\"): is the same key as key 1");
  EXPECT_NE(refusal(set(ec, oct)).find("secrets (oct)"), std::string::npos);
  EXPECT_NE(refusal(set(named(ec, "a"), R"({"kty":"oct","kid":"b","k":"AAAA"})"))
                .find("key 2 (kid \"b\"): the signing key has 3 bytes"),
            std::string::npos);
  EXPECT_EQ(refusal(R"({"keys":[]})"), "there is no key");
  EXPECT_EQ(refusal(R"({"keys":[5]})"), "key 1 is no object");
  EXPECT_NE(refusal(R"({"keys":{}})").find("no array"), std::string::npos);
}

TEST(KeyRing, TheFirstKeyThatMaySignSignsAndItsKidIsInTheHeader) {
  std::vector<Key> keys;
  keys.push_back(key_for(*find_algorithm("ES256"), Pem::Spki));
  keys.push_back(key_for(*find_algorithm("EdDSA")));
  keys.push_back(key_for(*find_algorithm("RS256")));
  const auto ring = *KeyRing::create(std::move(keys));
  ASSERT_EQ(ring->signer(), &ring->keys()[1]);
  EXPECT_NE(ring->public_jwk_set().find("RS256"), std::string::npos);
  EXPECT_EQ(ring->public_jwk_set().find("\"d\""), std::string::npos);

  auto signer = Signer::create(ring);
  const auto made = signer->sign(token());
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->starts_with(
      b64(R"({"alg":"EdDSA","kid":")" + ring->signer()->kid() + R"(","typ":"JWT"})") + "."));

  auto again = KeyRing::create(*Key::from_jwk_set(ring->private_jwk_set().reveal()));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ((*again)->signer()->kid(), ring->signer()->kid());
  EXPECT_EQ((*again)->public_jwk_set(), ring->public_jwk_set());
  EXPECT_NE((*again)->generation(), ring->generation());
}

TEST(KeyRing, ThatIsReplacedWhileRunningVerifiesTheOldTokensAsLongAsItHasTheirKey) {
  const auto first = ring_for(*find_algorithm("ES256"));
  std::vector<Key> both;
  both.push_back(key_for(*find_algorithm("EdDSA")));
  both.push_back(key_for(*find_algorithm("ES256"), Pem::Spki));
  const auto second = *KeyRing::create(std::move(both));
  const auto third = ring_for(*find_algorithm("EdDSA"));

  auto signer = *Signer::create(first);
  auto verifier = *Verifier::create(first);
  const auto old = *signer.sign(token());
  EXPECT_TRUE(verifier.verify(old, Policy{}, at(kNow)));
  ASSERT_TRUE(verifier.use(second) && signer.use(second));
  const auto fresh = *signer.sign(token());
  EXPECT_NE(fresh.substr(0, 60), old.substr(0, 60));
  EXPECT_TRUE(verifier.verify(old, Policy{}, at(kNow)));
  EXPECT_TRUE(verifier.verify(fresh, Policy{}, at(kNow)));
  ASSERT_TRUE(verifier.use(third));
  EXPECT_FALSE(verifier.verify(old, Policy{}, at(kNow)));
  EXPECT_TRUE(verifier.verify(fresh, Policy{}, at(kNow)));
}

TEST(KeyRing, OfSecretsTriesThreeOfThemForATokenWithoutKid) {
  std::string set = R"({"keys":[)";
  for (const char letter : {'a', 'b', 'c', 'd'})
    set += std::string(letter == 'a' ? "" : ",") + R"({"kty":"oct","kid":")" + letter +
           R"(","k":")" + b64(std::string(32, letter)) + "\"}";
  const auto ring = *KeyRing::create(*Key::from_jwk_set(set + "]}"));
  auto verifier = *Verifier::create(ring);
  const auto verdict = [&](std::string_view header, char letter) {
    return verifier.verify(forge(header, kAccess, std::string(32, letter)), Policy{}, at(kNow))
        .has_value();
  };
  EXPECT_TRUE(verdict(kHeader, 'a') && verdict(kHeader, 'b') && verdict(kHeader, 'c'));
  EXPECT_FALSE(verdict(kHeader, 'd')) << "the fourth is not tried";
  EXPECT_TRUE(verdict(R"({"alg":"HS256","kid":"d"})", 'd'));
  EXPECT_FALSE(verdict(R"({"alg":"HS256","kid":"d"})", 'a')) << "only the key that it names";
  EXPECT_TRUE(verdict(R"({"alg":"HS256","kid":"unknown"})", 'a'));
}

TEST(Signer, WithoutAPrivateKeySaysSo) {
  auto signer = Signer::create(ring_for(*find_algorithm("RS256"), Pem::Spki));
  ASSERT_TRUE(signer);
  EXPECT_EQ(signer->sign(token()).error().code, Errc::Unavailable);
}

TEST(Verifier, ThatRequiresAtJwtTakesNoOtherTypeForAnAccessToken) {
  const Policy access{.type = TokenType::Access};
  auto strict = *Verifier::create(key(), {.require_at_jwt = true});
  const auto accepts = [&](const std::string& type) {
    return strict.verify(forge(R"({"alg":"HS256")" + type + "}", kAccess), access, at(kNow))
        .has_value();
  };
  EXPECT_TRUE(accepts(R"(,"typ":"at+jwt")"));
  EXPECT_TRUE(accepts(R"(,"typ":"application/AT+JWT")"));
  for (const char* type : {"", R"(,"typ":"JWT")", R"(,"typ":5)", R"(,"typ":["at+jwt"])"})
    EXPECT_FALSE(accepts(type)) << type;
  auto writes = *Signer::create(key(), {.at_jwt = true});
  EXPECT_TRUE(strict.verify(*writes.sign(token()), access, at(kNow)));
  EXPECT_FALSE(strict.verify(*Signer::create(key())->sign(token()), Policy{}, at(kNow)));
  auto refresh = token();
  refresh.type = TokenType::Refresh;
  EXPECT_TRUE(writes.sign(refresh)->starts_with(b64(kHeader)));
}

}  // namespace
}  // namespace tollgate::jwt
