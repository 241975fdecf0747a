// The sub-commands of `tollgate keys`: each runs and gives its exit code.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "app/commands/command.h"
#include "app/commands/keys_file_store.h"

namespace tollgate::commands {

// As the command line has them.
struct KeysOptions {
  std::shared_ptr<Inputs> inputs = nullptr;
  std::string file = {};       // empty: the setting keys_file
  std::string out = {};        // generate: of a secret
  std::string algorithm = {};  // empty: the usual one
  std::string key = {};        // import: the path
  std::string kid = {};        // retire
  bool sign = false;
  bool json = false;
};

int keys_generate(const KeysOptions& options);
int keys_import(const KeysOptions& options);
int keys_list(const KeysOptions& options);
int keys_rotate(const KeysOptions& options);
int keys_retire(const KeysOptions& options);
int keys_jwks(const KeysOptions& options);

// The settings, and the file of keys that is meant.
struct KeysTarget {
  Config config;
  std::string path;
};
// Runs `action` with them; complains of what is wrong.
int with_keys_file(const KeysOptions& options,
                   const std::function<Status(const KeysTarget&)>& action);

// Reads, lets `edit` make the new keys of the old ones, and replaces the file, all under the lock.
enum class WhenMissing : uint8_t { Fail, Make };
Status edit_keys(const KeysTarget& target, WhenMissing when_missing,
                 const std::function<Result<Keys>(Keys)>& edit);

}  // namespace tollgate::commands
