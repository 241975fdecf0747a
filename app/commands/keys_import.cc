// tollgate keys import: a key that was made elsewhere.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "app/commands/keys_commands.h"
#include "app/commands/process_settings.h"
#include "auth/jwt/key_file.h"

namespace tollgate::commands {
namespace {

// A raw secret, as signing_key_file has it: only if it is said to be one.
Result<Keys> from_secret(crypto::SecretString text, const jwt::Algorithm* algorithm) {
  if (algorithm == nullptr || !algorithm->is_symmetric())
    return fail(Errc::InvalidArgument,
                "is neither a key in PEM nor a JSON Web Key; of a secret, say so with --algorithm "
                "HS256");
  TOLLGATE_TRY(kid, jwt::random_kid());
  TOLLGATE_TRY(key, jwt::Key::from_secret(std::move(text), *algorithm, std::move(kid)));
  Keys keys;
  keys.push_back(std::move(key));
  return keys;
}

// What a JWK says of itself binds it: --algorithm can only agree.
Result<Keys> from_jwks(std::string_view text, const jwt::KeyOptions& options) {
  TOLLGATE_TRY(keys, jwt::Key::from_jwk_set(text, options));
  for (const jwt::Key& key : keys)
    if (options.algorithm != nullptr && &key.algorithm() != options.algorithm)
      return fail(Errc::InvalidArgument,
                  key.label() + " is for " + std::string(key.algorithm().name) + ", not " +
                      std::string(options.algorithm->name) + "; a JWK says it with its \"alg\"");
  return std::move(keys);
}

Result<Keys> parse(crypto::SecretString text, const jwt::KeyOptions& options) {
  switch (jwt::kind_of(text.reveal())) {
    case jwt::KeyText::Secret:
      return from_secret(std::move(text), options.algorithm);
    case jwt::KeyText::Ssh:
      return fail(Errc::InvalidArgument,
                  "is a key of SSH; `ssh-keygen -e -m PKCS8 -f KEY` writes it as PEM");
    case jwt::KeyText::Der:
      return fail(Errc::InvalidArgument,
                  "is a DER file; `openssl pkey -in KEY -out KEY.pem` writes it as PEM");
    case jwt::KeyText::Jwk:
      return from_jwks(text.reveal(), options);
    case jwt::KeyText::Pem:
      break;
  }
  TOLLGATE_TRY(key, jwt::Key::from_pem(text.reveal(), options));
  Keys keys;
  keys.push_back(std::move(key));
  return keys;
}

// The keys of the file KEY. Errors name it.
Result<Keys> read_foreign(const KeysOptions& options, const Config& config) {
  jwt::KeyOptions wanted{.extra_algorithms = config.extra_algorithms};
  if (!options.algorithm.empty()) {
    TOLLGATE_TRY(algorithm, algorithm_named(options.algorithm));
    wanted.algorithm = algorithm;
  }
  const std::string path = from_start(*options.inputs, config, options.key);
  TOLLGATE_TRY(file, jwt::read_key_file(path));
  auto keys = parse(std::move(file.text), wanted);
  if (!keys) return fail(with_context(path, std::move(keys).error()));
  if (keys->empty()) return fail(Errc::InvalidArgument, path + ": there is no key in it");
  if (options.sign && (keys->size() != 1 || !keys->front().may_sign()))
    return fail(Errc::InvalidArgument,
                path + (keys->size() != 1 ? ": holds several keys, and one can sign"
                                          : ": is no private key, and cannot sign"));
  return keys;
}

// What is said of each key, before they become part of the file.
std::string describe(const Keys& keys, bool sign) {
  std::string out;
  for (const jwt::Key& key : keys) {
    out += "key " + shown(key.kid()) + " (" + std::string(key.algorithm().name) + ", " +
           key.strength() + ") " + (sign ? "signs from now on\n" : "verifies\n");
    if (key.may_sign() && !sign)
      out += key.is_symmetric()
                 ? "  It never signs; to let it, import it with --sign.\n"
                 : "  Its private half is left out; to let it sign, import it with --sign.\n";
  }
  return out;
}

Keys joined(Keys keys, Keys more, bool sign) {
  return sign ? with_signer(std::move(keys), std::move(more.front()))
              : with_verifiers(std::move(keys), std::move(more));
}

Status import(const KeysTarget& target, const KeysOptions& options) {
  TOLLGATE_TRY(more, read_foreign(options, target.config));
  const std::string made = describe(more, options.sign);
  std::vector<std::string> old;
  TOLLGATE_CHECK(edit_keys(target, WhenMissing::Make, [&](Keys keys) -> Result<Keys> {
    if (options.sign) old = signers(keys);
    return joined(std::move(keys), std::move(more), options.sign);
  }));
  std::printf("%s%s", made.c_str(), next_steps(old, target.config, target.path).c_str());
  return {};
}

}  // namespace

int keys_import(const KeysOptions& options) {
  return with_keys_file(options,
                        [&options](const KeysTarget& target) { return import(target, options); });
}

}  // namespace tollgate::commands
