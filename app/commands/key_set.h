// What `tollgate keys` makes of the keys of a file, and what it says of them (pure).
//
// One key signs, and is the first; all others only verify, and so that they never sign again:
// of a pair, the private half is left out; a secret says "key_ops":["verify"].
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/jwt/key_ring.h"
#include "server/base/result.h"
#include "server/config/config.h"

namespace tollgate::commands {

using Keys = std::vector<jwt::Key>;

// The algorithm of --algorithm. Errors: InvalidArgument, with those there are.
Result<const jwt::Algorithm*> algorithm_named(const std::string& name);
// What a new key is for if nobody says: as the one that signs now; ES256 where there is none.
const jwt::Algorithm& algorithm_of_next(const Keys& keys);

// `key` is the first, and the only one that may sign. It takes the place of its own public half.
Keys with_signer(Keys keys, jwt::Key key);
// `more` only verify, and are the last. Who signs does not change.
Keys with_verifiers(Keys keys, Keys more);
// Without the key of this kid, or the only one whose kid begins so. Errors: NotFound, Conflict
// (it signs, is the last, or is not the only one that begins so).
struct Retired {
  Keys keys;
  std::string kid;
};
Result<Retired> without(Keys keys, std::string_view kid_or_prefix);

// The kids of the keys that may sign.
std::vector<std::string> signers(const Keys& keys);

// The text of the file: a JWK Set, as the server reads it; unknown members are gone. Errors:
// InvalidArgument (a key twice, secrets among public keys, too many keys or too large a file).
Result<crypto::SecretString> file_text(Keys keys, bool extra_algorithms);

// `keys list`: lines for people, JSON for programs. No secret is in them.
std::string table(const jwt::KeyRing& ring);
std::string table_json(const jwt::KeyRing& ring);

// How long the last token of a key that signs no more may live.
struct Longest {
  milliseconds lifetime;
  std::string_view setting;  // that says so
};
Longest longest_lifetime(const Config& config);

// What is to be done after a rotation: sentences for people. `old` are the kids that signed.
std::string next_steps(const std::vector<std::string>& old, const Config& config,
                       const std::string& path);

// A kid or a path as one word of a shell's command line, without controls.
std::string shell_word(std::string_view text);
// As it may be shown: without controls.
std::string shown(std::string_view text);

}  // namespace tollgate::commands
