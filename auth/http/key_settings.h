// The keys that the settings name, read and checked: for the server and for every command.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "auth/jwt/key_ring.h"
#include "server/base/result.h"
#include "server/config/config.h"

namespace tollgate::auth {

// Whether the settings name a key.
bool has_key(const Config& config);

struct LoadedKeys {
  std::shared_ptr<const jwt::KeyRing> ring;
  std::vector<std::string> warnings;  // sentences for the log: others may read a file
};

// Of keys_file, or of signing_key or signing_key_file (a secret for HS*, else a private key in
// PEM) with verifying_key or verifying_key_file. The text of signing_key may also be a JWK Set: so
// come the keys to a worker, in whatever form the master read them. Blocks on files. Errors:
// Unavailable (nothing is set: the message says what to do), InvalidArgument (a key that is
// refused; with the path, and nothing of the key), and those of the files.
Result<LoadedKeys> load_keys(const Config& config);

// Those of another issuer, for verifying alone: a JWK Set, a public key in PEM, or a secret if
// `algorithm` is HS*. Blocks on the file. Errors: InvalidArgument (refused: also a private key,
// which others are to have), and those of the file; with the path.
Result<LoadedKeys> load_issuer_keys(const std::string& path, const std::string& algorithm);

}  // namespace tollgate::auth
