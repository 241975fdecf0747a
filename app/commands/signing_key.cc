// SPDX-License-Identifier: Apache-2.0
#include "app/commands/signing_key.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "auth/jwt/key.h"
#include "server/log/logging.h"
#include "server/os/sealed_copy.h"

namespace tollgate::commands {

Result<UniqueFd> seal_signing_key(Config& config) {
  constexpr const char* kName = "signing key";
  if (!config.signing_key.empty()) {
    const auto text = crypto::SecretString::take(config.signing_key);
    config.signing_key.clear();
    const auto key = jwt::SigningKey::from_secret(crypto::SecretString(text.reveal()));
    if (!key) return fail(key.error());
    return os::sealed_text(text.reveal(), kName);
  }
  if (config.signing_key_file.empty()) return UniqueFd();
  TOLLGATE_TRY(read, jwt::read_signing_key(config.signing_key_file));
  if (!read.warning.empty()) log::warning("{}", read.warning);
  return os::sealed_text(read.text.reveal(), kName);
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
  settings.signing_key_file.clear();
  return settings;
}

}  // namespace tollgate::commands
