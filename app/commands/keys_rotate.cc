// tollgate keys rotate, keys retire: a new signer comes, and an old one goes.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "app/commands/keys_commands.h"

namespace tollgate::commands {
namespace {

// Verifier tries no more secrets for a token that names none.
constexpr std::ptrdiff_t kMostNameless = 3;

struct Rotation {
  std::string made;              // of the new key
  std::vector<std::string> old;  // kids that signed
  bool drops_private = false;    // of them
  bool is_crowded = false;
};

Result<Keys> rotated(Keys keys, const KeysTarget& target, const std::string& name, Rotation& out) {
  const jwt::Algorithm* algorithm = &algorithm_of_next(keys);
  if (!name.empty()) {
    TOLLGATE_TRY(named, algorithm_named(name));
    algorithm = named;
  }
  TOLLGATE_TRY(key, jwt::Key::generate(*algorithm, target.config.extra_algorithms));
  out.made = "key " + shown(key.kid()) + " (" + std::string(algorithm->name) + ", " +
             key.strength() + ") signs from now on\n";
  out.old = signers(keys);
  out.drops_private = !out.old.empty() && !keys.front().is_symmetric();
  out.is_crowded =
      algorithm->is_symmetric() && std::ranges::count(keys, algorithm, [](const jwt::Key& old) {
                                     return &old.algorithm();
                                   }) >= kMostNameless;
  return with_signer(std::move(keys), std::move(key));
}

Status rotate(const KeysTarget& target, const std::string& algorithm) {
  Rotation done;
  TOLLGATE_CHECK(edit_keys(target, WhenMissing::Fail, [&](Keys keys) {
    return rotated(std::move(keys), target, algorithm, done);
  }));
  std::string text = done.made;
  for (const std::string& kid : done.old)
    text += "key " + shown(kid) + " only verifies" +
            (done.drops_private ? ": its private half is no longer in the file\n" : "\n");
  if (done.is_crowded)
    text +=
        "More than 3 secrets: a token without kid is tried with the first 3 only. Retire what is "
        "old.\n";
  std::printf("%s%s", text.c_str(), next_steps(done.old, target.config, target.path).c_str());
  return {};
}

Status retire(const KeysTarget& target, const std::string& kid) {
  std::string gone;
  TOLLGATE_CHECK(edit_keys(target, WhenMissing::Fail, [&](Keys keys) -> Result<Keys> {
    TOLLGATE_TRY(retired, without(std::move(keys), kid));
    gone = retired.kid;
    return std::move(retired.keys);
  }));
  std::printf("key %s is gone: its tokens are refused as soon as the servers have noticed\n%s",
              shown(gone).c_str(), next_steps({}, target.config, target.path).c_str());
  return {};
}

}  // namespace

int keys_rotate(const KeysOptions& options) {
  return with_keys_file(
      options, [&options](const KeysTarget& target) { return rotate(target, options.algorithm); });
}

int keys_retire(const KeysOptions& options) {
  return with_keys_file(
      options, [&options](const KeysTarget& target) { return retire(target, options.kid); });
}

}  // namespace tollgate::commands
