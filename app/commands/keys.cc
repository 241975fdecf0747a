// tollgate keys: signing keys.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "app/commands/command.h"
#include "auth/jwt/key.h"
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

int generate(const std::string& path) {
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

}  // namespace

void add_keys(Context& context) {
  CLI::App* keys = context.app.add_subcommand("keys", "Signing keys: generate");
  keys->require_subcommand(1);
  CLI::App* command =
      keys->add_subcommand("generate", "Make a new HMAC signing key (64 random bytes)");
  auto path = std::make_shared<std::string>();
  command->add_option("--out", *path, "File to write, which must not exist [standard output]")
      ->type_name("PATH");
  command->callback([&context, path] { context.chosen = [path] { return generate(*path); }; });
}

}  // namespace tollgate::commands
