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

Result<UniqueFd> seal_signing_key(Config& config) {
  if (!auth::has_key(config)) return UniqueFd();
  const auto loaded = auth::load_keys(config);
  crypto::SecretString::take(config.signing_key);  // wiped
  if (!loaded) return fail(loaded.error());
  for (const std::string& warning : loaded->warnings) log::warning("{}", warning);
  return os::sealed_text(loaded->ring->private_jwk_set().reveal(), "signing key");
}

Result<Config> with_signing_key(const Config& config, UniqueFd sealed) {
  Config settings = config;
  if (!sealed.valid()) return settings;
  struct stat info {};
  if (fstat(sealed.get(), &info) != 0) return fail(from_errno("signing key: fstat", errno));
  settings.signing_key.resize(static_cast<std::size_t>(info.st_size));
  // All workers of the generation share one position in it: none may move it.
  const ssize_t got =
      pread(sealed.get(), settings.signing_key.data(), settings.signing_key.size(), 0);
  if (got != info.st_size) return fail(from_errno("signing key: read", got < 0 ? errno : EIO));
  for (std::string* path : {&settings.signing_key_file, &settings.verifying_key,
                            &settings.verifying_key_file, &settings.keys_file})
    path->clear();
  return settings;
}

}  // namespace tollgate::commands
