// tollgate keys list, keys jwks: what may be seen of the keys.
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/commands/keys_commands.h"
#include "app/commands/process_settings.h"
#include "auth/http/key_settings.h"
#include "server/base/exit_code.h"
#include "server/log/logging.h"

namespace tollgate::commands {
namespace {

Status list(const KeysTarget& target, bool json) {
  TOLLGATE_TRY(keys, read_keys(target.path, target.config.extra_algorithms));
  auto ring = jwt::KeyRing::create(std::move(keys));
  if (!ring) return fail(with_context(target.path, std::move(ring).error()));
  std::fputs((json ? table_json(**ring) : table(**ring)).c_str(), stdout);
  return {};
}

// The keys of the settings, as a server has them; of --file instead, if it is given.
Result<auth::LoadedKeys> keys_of(const KeysOptions& options, Config config) {
  if (!options.file.empty()) {
    const std::string path = from_start(*options.inputs, config, options.file);
    for (std::string* other : {&config.signing_key, &config.signing_key_file, &config.verifying_key,
                               &config.verifying_key_file})
      other->clear();
    config.keys_file = path;
  }
  if (!auth::has_key(config))
    return fail(Errc::InvalidArgument,
                "of which keys? Give --file keys.json (or set keys_file or signing_key_file)");
  return auth::load_keys(config);
}

}  // namespace

int keys_list(const KeysOptions& options) {
  return with_keys_file(
      options, [&options](const KeysTarget& target) { return list(target, options.json); });
}

int keys_jwks(const KeysOptions& options) {
  auto loaded = load_or_explain(*options.inputs);
  if (!loaded) return kExitConfiguration;
  const auto keys = keys_of(options, std::move(loaded->config));
  if (!keys) return complain(keys.error().message), kExitRuntime;
  for (const std::string& warning : keys->warnings) log::warning("{}", warning);
  if (keys->ring->is_symmetric())
    return complain("these keys are secrets: there is nothing public in them"), kExitRuntime;
  std::printf("%s\n", keys->ring->public_jwk_set().c_str());
  return kExitOk;
}

}  // namespace tollgate::commands
