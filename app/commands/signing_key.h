// The keys of tokens, from the master, which may read it, to a worker, which may not.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "app/api/application.h"
#include "server/base/result.h"
#include "server/base/unique_fd.h"
#include "server/config/config.h"

namespace tollgate::commands {

// Seals the keys that the settings name, as a JWK Set; invalid: none is named. The text of
// signing_key is wiped from `config`, so that no process forked later finds it there. Warns if
// others may read the file. Errors: those of the key, checked here once for all workers.
Result<UniqueFd> seal_signing_key(Config& config);

// In the worker: the settings with the keys as signing_key, wherever they came from.
// `sealed` may be invalid. Errors: Io.
Result<Config> with_signing_key(const Config& config, UniqueFd sealed);

// The files that seal_signing_key() reads, if the keys are in these alone. None beside signing_key:
// its text is gone by then, and without it the public half in the file would be all there is.
std::vector<std::string> key_files(const Config& config);

// Both together, sealed, signing as `now` does (jwt::join); invalid: they are the same. Where there
// were none, those of `next`. Errors: those of jwt::join(), Io.
Result<UniqueFd> join_keys(const UniqueFd& now, const UniqueFd& next);

// In the worker: `application` uses the sealed keys from now on. Errors: Io, Internal.
Status use_keys(Application& application, const UniqueFd& sealed);

}  // namespace tollgate::commands
