// tollgate keys generate: a secret as text, or a file of keys with its first one.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "app/commands/keys_commands.h"
#include "server/base/exit_code.h"
#include "server/base/unique_fd.h"

namespace tollgate::commands {
namespace {

// Never overwrites: a key that is lost makes every token invalid.
Status write_key(const std::string& path, std::string_view key) {
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) {
    if (errno == EEXIST)
      return fail(Errc::Conflict, path + " exists already, and a key is never overwritten");
    return fail(from_errno(path, errno));
  }
  const std::string line = std::string(key) + "\n";
  if (write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) ||
      fsync(file.get()) != 0) {
    const int why = errno;
    unlink(path.c_str());
    return fail(from_errno(path, why));
  }
  return {};
}

int generate_secret(const std::string& path) {
  const auto key = jwt::generate_key();
  if (!key) return complain(key.error().message), kExitRuntime;
  if (path.empty()) {
    std::printf("%.*s\n", static_cast<int>(key->size()), key->reveal().data());
    return kExitOk;
  }
  if (const Status written = write_key(path, key->reveal()); !written)
    return complain(written.error().message), kExitRuntime;
  std::fprintf(stderr, "key written to %s (mode 0600)\n", path.c_str());
  return kExitOk;
}

Status generate_file(const KeysTarget& target, const std::string& name) {
  TOLLGATE_TRY(algorithm, algorithm_named(name.empty() ? "ES256" : name));
  TOLLGATE_TRY(store, KeysFileStore::lock(target.path));
  TOLLGATE_TRY(key, jwt::Key::generate(*algorithm, target.config.extra_algorithms));
  const std::string made = "key " + shown(key.kid()) + " (" + std::string(algorithm->name) + ", " +
                           key.strength() + ") signs";
  Keys keys;
  keys.push_back(std::move(key));
  TOLLGATE_TRY(text, file_text(std::move(keys), target.config.extra_algorithms));
  TOLLGATE_CHECK(store.create(text.reveal()));
  std::printf("%s; %s has mode 0600\nServe it with:\n  tollgate serve --keys-file %s\n",
              made.c_str(), shown(target.path).c_str(), shell_word(target.path).c_str());
  return {};
}

}  // namespace

int keys_generate(const KeysOptions& options) {
  if (!options.file.empty())
    return with_keys_file(options, [&options](const KeysTarget& target) {
      return generate_file(target, options.algorithm);
    });
  const auto algorithm = algorithm_named(options.algorithm.empty() ? "HS256" : options.algorithm);
  if (!algorithm) return complain(algorithm.error().message), kExitRuntime;
  if ((*algorithm)->is_symmetric()) return generate_secret(options.out);
  complain("a key of " + options.algorithm + " goes into a file of keys: give --file keys.json");
  return kExitRuntime;
}

}  // namespace tollgate::commands
