// SPDX-License-Identifier: Apache-2.0
#include "auth/http/key_settings.h"

#include "auth/jwt/key_file.h"

namespace tollgate::auth {
namespace {

// A text as a setting holds it, and where it comes from.
struct Source {
  crypto::SecretString text;
  std::string name;       // "", or the path
  bool is_set = false;    // nothing but a JWK Set: any other text is a mistake, and no secret
  bool is_other = false;  // another issuer's, who may publish keys for encryption with them
};

Result<Source> read(const std::string& path, std::vector<std::string>& warnings) {
  TOLLGATE_TRY(file, jwt::read_key_file(path));
  if (!file.warning.empty()) warnings.push_back(std::move(file.warning));
  return Source{std::move(file.text), path};
}

Result<std::vector<jwt::Key>> parse(const Source& source, const Config& config) {
  const jwt::Algorithm* const algorithm = jwt::find_algorithm(config.algorithm);
  if (algorithm == nullptr)
    return fail(Errc::InvalidArgument, "algorithm: \"" + config.algorithm + "\" is not known");
  const jwt::KeyOptions options{.algorithm = algorithm,
                                .extra_algorithms = config.extra_algorithms,
                                .skip_encryption_keys = source.is_other};
  const std::string_view text = source.text.reveal();
  const auto kind = jwt::kind_of(text);
  if (source.is_set || kind == jwt::KeyText::Jwk) return jwt::Key::from_jwk_set(text, options);
  TOLLGATE_TRY(key, kind == jwt::KeyText::Pem
                        ? jwt::Key::from_pem(text, options)
                        : jwt::Key::from_secret(crypto::SecretString(text), *algorithm));
  std::vector<jwt::Key> keys;
  keys.push_back(std::move(key));
  return keys;
}

Result<std::vector<jwt::Key>> keys_of(const Source& source, const Config& config) {
  auto keys = parse(source, config);
  if (keys || source.name.empty()) return keys;
  return fail(with_context(source.name, std::move(keys).error()));
}

Error private_key(const std::string& path) {
  return {Errc::InvalidArgument, path +
                                     ": is a private key; give its public half, which "
                                     "`openssl pkey -pubout` makes"};
}

// verifying_key or verifying_key_file; with an empty text: neither is set.
Result<Source> verifying_source(const Config& config) {
  if (!config.verifying_key.empty())
    return Source{crypto::SecretString(config.verifying_key), "verifying_key"};
  if (config.verifying_key_file.empty()) return Source{};
  std::vector<std::string> public_text_may_be_read;
  return read(config.verifying_key_file, public_text_may_be_read);
}

// A public key beside the one that signs must be its own, as in simplejwt; more are for keys_file.
Status add_verifying_key(std::vector<jwt::Key>& keys, const Config& config) {
  TOLLGATE_TRY(source, verifying_source(config));
  const std::string& path = source.name;
  if (path.empty()) return {};
  TOLLGATE_TRY(found, keys_of(source, config));
  for (jwt::Key& key : found) {
    if (key.is_symmetric())
      return fail(Errc::InvalidArgument, path + ": a secret is no public key");
    if (key.may_sign()) return fail(private_key(path));
    if (keys.empty() || (keys.size() == 1 && keys.front().thumbprint() != key.thumbprint()))
      keys.push_back(std::move(key));
  }
  if (keys.size() > 1)
    return fail(Errc::InvalidArgument,
                path +
                    ": is not the public half of the signing key; for several keys, set "
                    "keys_file");
  return {};
}

}  // namespace

bool has_key(const Config& config) {
  return !config.signing_key.empty() || !config.signing_key_file.empty() ||
         !config.verifying_key.empty() || !config.verifying_key_file.empty() ||
         !config.keys_file.empty();
}

Result<LoadedKeys> load_keys(const Config& config) {
  if (!has_key(config))
    return fail(Errc::Unavailable,
                "signing_key_file is not set, and some routes need a token: make a key with "
                "`tollgate keys generate --out signing.key` and give "
                "--signing-key-file signing.key (or TOLLGATE_SIGNING_KEY)");
  LoadedKeys loaded;
  std::vector<jwt::Key> keys;
  const std::string& path = config.keys_file.empty() ? config.signing_key_file : config.keys_file;
  if (!config.signing_key.empty()) {
    TOLLGATE_TRY(found, keys_of({crypto::SecretString(config.signing_key), ""}, config));
    keys = std::move(found);
  } else if (!path.empty()) {
    TOLLGATE_TRY(source, read(path, loaded.warnings));
    source.is_set = !config.keys_file.empty();
    TOLLGATE_TRY(found, keys_of(source, config));
    keys = std::move(found);
  }
  TOLLGATE_CHECK(add_verifying_key(keys, config));
  auto ring = jwt::KeyRing::create(std::move(keys));
  if (!ring) return path.empty() ? fail(ring.error()) : fail(with_context(path, ring.error()));
  loaded.ring = std::move(*ring);
  const bool may_sign = loaded.ring->signer() != nullptr;
  if (!may_sign) loaded.warnings.clear();  // anybody may read a public key
  if (may_sign && config.require_at_jwt && !config.write_at_jwt)
    loaded.warnings.emplace_back(
        "require_at_jwt is set and write_at_jwt is not: no token that is made here is accepted "
        "here");
  return loaded;
}

Result<LoadedKeys> load_issuer_keys(const std::string& path, const std::string& algorithm) {
  Config config;
  config.algorithm = algorithm;
  LoadedKeys loaded;
  TOLLGATE_TRY(source, read(path, loaded.warnings));
  source.is_other = true;
  TOLLGATE_TRY(keys, keys_of(source, config));
  for (const jwt::Key& key : keys)
    if (!key.is_symmetric() && key.may_sign()) return fail(private_key(path));
  auto ring = jwt::KeyRing::create(std::move(keys));
  if (!ring) return fail(with_context(path, ring.error()));
  loaded.ring = std::move(*ring);
  if (!loaded.ring->is_symmetric()) loaded.warnings.clear();  // anybody may read a public key
  return loaded;
}

}  // namespace tollgate::auth
