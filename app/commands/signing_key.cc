// SPDX-License-Identifier: Apache-2.0
#include "app/commands/signing_key.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "auth/http/key_settings.h"
#include "server/log/logging.h"
#include "server/os/sealed_copy.h"

namespace tollgate::commands {
namespace {

// Errors: also those that a worker would have with it, which could not start then.
Result<UniqueFd> seal(const jwt::KeyRing& ring) {
  const crypto::SecretString text = ring.private_jwk_set();
  const auto taken = jwt::Key::from_jwk_set(text.reveal(), {.extra_algorithms = true});
  if (!taken) return fail(taken.error());
  return os::sealed_text(text.reveal(), "signing key");
}

// All workers share one position in it: none may move it.
Result<crypto::SecretString> text_of(const UniqueFd& sealed) {
  struct stat info {};
  if (fstat(sealed.get(), &info) != 0) return fail(from_errno("signing key: fstat", errno));
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  const ssize_t got = pread(sealed.get(), text.data(), text.size(), 0);
  if (got != info.st_size) return fail(from_errno("signing key: read", got < 0 ? errno : EIO));
  return crypto::SecretString::take(text);
}

Result<std::shared_ptr<const jwt::KeyRing>> ring_of(const UniqueFd& sealed) {
  TOLLGATE_TRY(text, text_of(sealed));
  TOLLGATE_TRY(keys, jwt::Key::from_jwk_set(text.reveal(), {.extra_algorithms = true}));
  return jwt::KeyRing::create(std::move(keys));
}

}  // namespace

Result<UniqueFd> seal_signing_key(Config& config) {
  if (!auth::has_key(config)) return UniqueFd();
  const auto loaded = auth::load_keys(config);
  crypto::SecretString::take(config.signing_key);  // wiped
  if (!loaded) return fail(loaded.error());
  for (const std::string& warning : loaded->warnings) log::warning("{}", warning);
  return seal(*loaded->ring);
}

std::vector<std::string> key_files(const Config& config) {
  std::vector<std::string> out;
  if (!config.signing_key.empty()) return out;
  for (const std::string* path :
       {&config.keys_file, &config.signing_key_file, &config.verifying_key_file})
    if (!path->empty()) out.push_back(*path);
  return out;
}

Result<UniqueFd> join_keys(const UniqueFd& now, const UniqueFd& next) {
  TOLLGATE_TRY(new_ring, ring_of(next));
  if (!now.valid()) return seal(*new_ring);
  TOLLGATE_TRY(old_ring, ring_of(now));
  if (old_ring->is_same(*new_ring)) return UniqueFd();
  TOLLGATE_TRY(both, jwt::join(*old_ring, *new_ring));
  return seal(*both);
}

Status use_keys(Application& application, const UniqueFd& sealed) {
  TOLLGATE_TRY(ring, ring_of(sealed));
  return application.use_keys(ring);
}

Result<Config> with_signing_key(const Config& config, UniqueFd sealed) {
  Config settings = config;
  if (!sealed.valid()) return settings;
  TOLLGATE_TRY(text, text_of(sealed));
  settings.signing_key = text.reveal();
  for (std::string* path : {&settings.signing_key_file, &settings.verifying_key,
                            &settings.verifying_key_file, &settings.keys_file})
    path->clear();
  return settings;
}

}  // namespace tollgate::commands
