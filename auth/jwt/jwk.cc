// Keys as JSON (RFC 7517, 7518 6, 8037 2) and their thumbprints (RFC 7638).
// SPDX-License-Identifier: Apache-2.0
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "auth/crypto/base64url.h"
#include "auth/jwt/key.h"
#include "auth/jwt/strict_json.h"
#include "server/base/text.h"

namespace tollgate::jwt {
namespace {

using crypto::KeyType;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr int kDepth = 8;
constexpr std::size_t kLargestText = std::size_t{512} << 10;
constexpr std::size_t kMostKeys = 256;

tl::unexpected<Error> refuse(std::string message) {
  return fail(Errc::InvalidArgument, std::move(message));
}

// Gives a parser back with nothing left in it.
class SecretJson {
 public:
  explicit SecretJson(std::string_view text) : json_(2 * text.size() + 64) { json_.load(text); }
  SecretJson(const SecretJson&) = delete;
  SecretJson& operator=(const SecretJson&) = delete;
  ~SecretJson() { json_.wipe(); }
  std::optional<object> parse() { return json_.parse(kDepth); }

 private:
  StrictJson json_;
};

// A member that is absent, a string, or something else, which is an error.
struct Text {
  bool present = false;
  std::optional<std::string_view> value = {};
  bool is(std::string_view text) const { return value == text; }
};

Text text_of(const object& jwk, std::string_view name) {
  element found;
  if (jwk.at_key(name).get(found) != simdjson::SUCCESS) return {};
  std::string_view text;
  if (found.get(text) != simdjson::SUCCESS) return {true, std::nullopt};
  return {true, text};
}

// Base64url without padding; an empty number is none. Errors name the member.
Result<crypto::Number> number_of(const object& jwk, std::string_view name, bool required) {
  const Text text = text_of(jwk, name);
  if (!text.present && !required) return crypto::Number();
  if (!text.present) return refuse("it has no \"" + std::string(name) + '"');
  const std::string bad = '"' + std::string(name) + "\" is not base64url";
  if (!text.value || text.value->empty()) return refuse(bad);
  crypto::Number room(crypto::base64url_octets(text.value->size()));
  const auto size = crypto::base64url_decode(*text.value, {room.data(), room.size()});
  if (!size || *size != room.size()) return refuse(bad);
  return room;
}

// What the JWK may do, of use and key_ops (RFC 7517 4.2, 4.3).
struct Uses {
  bool sign = true;
  bool verify = true;
};

Result<Uses> uses_of(const object& jwk) {
  const Text use = text_of(jwk, "use");
  if (use.present && !use.is("sig")) return refuse("its use is not \"sig\"");
  element found;
  if (jwk.at_key("key_ops").get(found) != simdjson::SUCCESS) return Uses{};
  simdjson::dom::array operations;
  if (found.get(operations) != simdjson::SUCCESS) return refuse("its key_ops is no array");
  Uses uses{.sign = false, .verify = false};
  for (const element operation : operations) {
    std::string_view name;
    if (operation.get(name) != simdjson::SUCCESS) return refuse("its key_ops has no strings");
    bool* const known = name == "sign" ? &uses.sign : name == "verify" ? &uses.verify : nullptr;
    if (known == nullptr) continue;
    if (*known) return refuse("its key_ops names an operation twice");
    *known = true;
  }
  if (!uses.sign && !uses.verify) return refuse("its key_ops has neither \"sign\" nor \"verify\"");
  return uses;
}

Result<crypto::Pkey> rsa_of(const object& jwk) {
  if (text_of(jwk, "oth").present || jwk.at_key("oth").error() == simdjson::SUCCESS)
    return refuse("it has more than two primes");
  TOLLGATE_TRY(n, number_of(jwk, "n", true));
  TOLLGATE_TRY(e, number_of(jwk, "e", true));
  TOLLGATE_TRY(d, number_of(jwk, "d", false));
  TOLLGATE_TRY(p, number_of(jwk, "p", false));
  const bool has_primes = !p.empty();
  if (has_primes && d.empty()) return refuse("it has \"p\", but no \"d\"");
  TOLLGATE_TRY(q, number_of(jwk, "q", has_primes));
  TOLLGATE_TRY(dp, number_of(jwk, "dp", has_primes));
  TOLLGATE_TRY(dq, number_of(jwk, "dq", has_primes));
  TOLLGATE_TRY(qi, number_of(jwk, "qi", has_primes));
  // RFC 7518 6.3.2: all of them, or none.
  if (!has_primes && !(q.empty() && dp.empty() && dq.empty() && qi.empty()))
    return refuse("it has no \"p\", but some of \"q\", \"dp\", \"dq\" and \"qi\"");
  return crypto::Pkey::from_rsa(
      {.n = n, .e = e, .d = d, .p = p, .q = q, .dp = dp, .dq = dq, .qi = qi});
}

Result<crypto::Pkey> curve_key_of(const object& jwk, KeyType type) {
  const auto curve = crypto::find_curve(text_of(jwk, "crv").value.value_or(""));
  if (curve == crypto::Curve::None || crypto::curve_row(curve).type != type)
    return refuse("its crv is not one of its kty that tokens use");
  TOLLGATE_TRY(x, number_of(jwk, "x", true));
  TOLLGATE_TRY(d, number_of(jwk, "d", false));
  if (type == KeyType::Okp) return crypto::Pkey::from_okp(curve, x, d);
  TOLLGATE_TRY(y, number_of(jwk, "y", true));
  return crypto::Pkey::from_ec(curve, x, y, d);
}

std::string_view kty_of(const crypto::Pkey& key) {
  return key.type() == KeyType::Rsa ? "RSA" : key.type() == KeyType::Ec ? "EC" : "OKP";
}

// `,"name":"base64url"`, or nothing if the key has no such number.
void append_number(std::string& out, const crypto::Pkey& key, std::string_view name) {
  const crypto::Number number = key.number(name);
  if (number.empty()) return;
  out.append(",\"").append(name).append("\":\"");
  crypto::append_base64url(out, number);
  out += '"';
}

std::string quoted_kid(const object& jwk) {
  const Text kid = text_of(jwk, "kid");
  if (!kid.value) return {};
  std::string out(kid.value->substr(0, 64));
  std::ranges::replace_if(
      out, [](char c) { return c < 0x20 || c == 0x7F || c == '"'; }, '?');
  return " (kid \"" + out + "\")";
}

}  // namespace

struct Key::FromJwk {
  static Result<Key> read(const object& jwk, const KeyOptions& options) {
    const Text kid = text_of(jwk, "kid");
    if (kid.present && (!kid.value || kid.value->empty() || kid.value->size() > kLongestKid))
      return refuse("its kid is not a text of 1 to 256 bytes");
    TOLLGATE_TRY(uses, uses_of(jwk));
    const Text alg = text_of(jwk, "alg");
    const Algorithm* algorithm = alg.value ? find_algorithm(*alg.value) : nullptr;
    if (alg.present && algorithm == nullptr) return refuse("its alg is not one that tokens use");

    auto key = of_type(
        jwk, alg, algorithm,
        {.kid = std::string(kid.value.value_or("")), .extra_algorithms = options.extra_algorithms});
    if (!key) return key;
    if (!key->may_sign() && !uses.verify)
      return refuse("it is public, but its key_ops has no \"verify\"");
    key->may_sign_ = key->may_sign_ && uses.sign;
    return key;
  }

  static Result<Key> of_type(const object& jwk, const Text& alg, const Algorithm* algorithm,
                             KeyOptions options) {
    const Text kty = text_of(jwk, "kty");
    if (kty.is("oct")) {
      if (algorithm == nullptr) algorithm = &hs256();
      if (!algorithm->is_symmetric()) return refuse("its alg is not one of its kty, oct");
      TOLLGATE_TRY(k, number_of(jwk, "k", true));
      return from_secret(crypto::SecretString({reinterpret_cast<const char*>(k.data()), k.size()}),
                         *algorithm, std::move(options.kid));
    }
    if (!kty.is("RSA") && !kty.is("EC") && !kty.is("OKP"))
      return refuse("its kty is not oct, RSA, EC or OKP");
    auto pkey =
        kty.is("RSA") ? rsa_of(jwk) : curve_key_of(jwk, kty.is("EC") ? KeyType::Ec : KeyType::Okp);
    if (!pkey) return fail(std::move(pkey).error());
    // An alias of another row may be what the key means: EdDSA of Ed448.
    if (algorithm != nullptr && !fits(*algorithm, *pkey) &&
        usual_algorithm(*pkey).is_called(*alg.value))
      algorithm = &usual_algorithm(*pkey);
    options.algorithm = algorithm;
    return from_pkey(std::move(*pkey), options);
  }

  static Result<Key> named(const object& jwk, const KeyOptions& options, const std::string& name) {
    auto key = read(jwk, options);
    if (key) return key;
    return fail(with_context(name + quoted_kid(jwk), std::move(key).error()));
  }
};

Result<Key> Key::from_jwk(std::string_view json, const KeyOptions& options) {
  if (json.size() > kLargestText) return refuse("a JWK has at most 512 KiB");
  SecretJson text(json);
  const auto jwk = text.parse();
  if (!jwk) return refuse("the JWK is not strict JSON, or no object");
  return FromJwk::named(*jwk, options, "the JWK");
}

Result<std::vector<Key>> Key::from_jwk_set(std::string_view json, const KeyOptions& options) {
  if (json.size() > kLargestText) return refuse("a JWK Set has at most 512 KiB");
  SecretJson text(json);
  const auto set = text.parse();
  if (!set) return refuse("the JWK Set is not strict JSON, or no object");
  std::vector<Key> keys;
  element found;
  if (set->at_key("keys").get(found) != simdjson::SUCCESS) {
    TOLLGATE_TRY(key, FromJwk::named(*set, options, "the JWK"));
    keys.push_back(std::move(key));
    return keys;
  }
  simdjson::dom::array members;
  if (found.get(members) != simdjson::SUCCESS) return refuse("\"keys\" of the JWK Set is no array");
  std::size_t number = 0;
  for (const element member : members) {
    const std::string name = "key " + std::to_string(++number);
    if (keys.size() == kMostKeys) return refuse("the JWK Set has more than 256 keys");
    object jwk;
    if (member.get(jwk) != simdjson::SUCCESS) return refuse(name + " is no object");
    if (options.skip_encryption_keys && text_of(jwk, "use").is("enc")) continue;
    TOLLGATE_TRY(key, FromJwk::named(jwk, options, name));
    keys.push_back(std::move(key));
  }
  return keys;
}

// Enough for the JSON of the key: a string that grows leaves copies of what it held.
std::size_t Key::room() const {
  constexpr std::size_t kLabels = 6 * kLongestKid + 512;
  return pkey_ ? 8 * crypto::kMaxSignature + kLabels
               : crypto::base64url_size(secret_.size()) + kLabels;
}

// RFC 7638 3.2: the required members, in the order of their names, without white space.
void Key::append_public_members(std::string& out) const {
  if (!pkey_) {
    out += R"("k":")";
    crypto::append_base64url(out, crypto::octets(secret_.reveal()));
    out += R"(","kty":"oct")";
    return;
  }
  const std::string kty(kty_of(*pkey_));
  if (pkey_->type() == KeyType::Rsa) {
    std::string e;
    append_number(e, *pkey_, "e");
    out.append(e, 1).append(R"(,"kty":"RSA")");
    append_number(out, *pkey_, "n");
    return;
  }
  out.append(R"("crv":")").append(crypto::curve_row(pkey_->curve()).name);
  out.append(R"(","kty":")").append(kty).append("\"");
  append_number(out, *pkey_, "x");
  append_number(out, *pkey_, "y");
}

Result<std::string> Key::compute_thumbprint() const {
  std::string json;
  json.reserve(room());
  json += '{';
  append_public_members(json);
  json += '}';
  const auto text = crypto::SecretString::take(json);
  std::array<uint8_t, 32> digest{};
  std::size_t size = 0;
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, text.reveal().data(), text.size(), digest.data(),
                   &size) != 1)
    return fail(crypto::openssl_error("EVP_Q_digest"));
  return crypto::base64url(digest);
}

void Key::append_labels(std::string& out) const {
  out += R"(,"kid":)";
  append_json_quoted(out, kid_);
  out.append(R"(,"use":"sig","alg":")").append(algorithm_->name).append("\"");
}

std::string Key::public_jwk() const {
  if (!pkey_) return {};
  std::string out = "{";
  append_public_members(out);
  append_labels(out);
  return out + '}';
}

crypto::SecretString Key::private_jwk() const {
  std::string out;
  out.reserve(room());
  out += '{';
  append_public_members(out);
  if (pkey_ && may_sign_)
    for (const char* name : {"d", "p", "q", "dp", "dq", "qi"}) append_number(out, *pkey_, name);
  append_labels(out);
  if (!pkey_ && !may_sign_) out += R"(,"key_ops":["verify"])";
  out += '}';
  return crypto::SecretString::take(out);
}

}  // namespace tollgate::jwt
