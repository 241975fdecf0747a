// What the sub-commands of `tollgate keys` share.
// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <system_error>

#include "app/commands/keys_commands.h"
#include "app/commands/process_settings.h"
#include "server/base/exit_code.h"

namespace tollgate::commands {

int with_keys_file(const KeysOptions& options,
                   const std::function<Status(const KeysTarget&)>& action) {
  auto loaded = load_or_explain(*options.inputs);
  if (!loaded) return kExitConfiguration;
  const std::string path = options.file.empty()
                               ? loaded->config.keys_file
                               : from_start(*options.inputs, loaded->config, options.file);
  if (path.empty())
    return complain("of which file? Give --file keys.json (or set keys_file)"), kExitConfiguration;
  const Status done = action({std::move(loaded->config), path});
  if (done) return kExitOk;
  complain(done.error().message);
  return kExitRuntime;
}

Status edit_keys(const KeysTarget& target, WhenMissing when_missing,
                 const std::function<Result<Keys>(Keys)>& edit) {
  std::error_code unknown;
  if (when_missing == WhenMissing::Fail && !std::filesystem::exists(target.path, unknown) &&
      !unknown)
    return fail(Errc::NotFound, target.path +
                                    ": there is no such file; `tollgate keys generate --file "
                                    "PATH` makes one");
  TOLLGATE_TRY(store, KeysFileStore::lock(target.path));
  const bool is_new = when_missing == WhenMissing::Make && !store.exists();
  Keys keys;
  if (!is_new) {
    TOLLGATE_TRY(read, read_keys(store.path(), target.config.extra_algorithms));
    keys = std::move(read);
  }
  TOLLGATE_TRY(edited, edit(std::move(keys)));
  auto text = file_text(std::move(edited), target.config.extra_algorithms);
  if (!text) return fail(with_context(target.path, std::move(text).error()));
  return is_new ? store.create(text->reveal()) : store.replace(text->reveal());
}

}  // namespace tollgate::commands
