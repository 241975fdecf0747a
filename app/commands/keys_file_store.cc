// SPDX-License-Identifier: Apache-2.0
#include "app/commands/keys_file_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "auth/jwt/key_file.h"
#include "server/log/logging.h"

namespace tollgate::commands {
namespace {

Status write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::write(file, text.data(), text.size());
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return fail(from_errno("write", errno));
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Status lock_file(int file) {
  while (::flock(file, LOCK_EX) != 0)
    if (errno != EINTR) return fail(from_errno("flock", errno));
  return {};
}

// So that the name survives a power cut, as the bytes do.
Status sync_directory_of(const std::string& path) {
  const auto directory = std::filesystem::path(path).parent_path();
  const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0)
    return fail(from_errno(path + " is written, but may not survive a power cut: fsync", errno));
  return {};
}

// The file itself, and not a link to it; absolute.
std::string resolved(const std::string& path) {
  std::error_code failed;
  auto real = std::filesystem::weakly_canonical(std::filesystem::absolute(path, failed), failed);
  return failed ? path : real.string();
}

}  // namespace

Result<Keys> read_keys(const std::string& path, bool extra_algorithms) {
  TOLLGATE_TRY(file, jwt::read_key_file(path));
  if (!file.warning.empty()) log::warning("{}", file.warning);
  auto keys = jwt::Key::from_jwk_set(file.text.reveal(), {.extra_algorithms = extra_algorithms});
  if (!keys) return fail(with_context(path, std::move(keys).error()));
  return keys;
}

Result<KeysFileStore> KeysFileStore::lock(const std::string& given) {
  const std::string path = resolved(given);
  const std::string name = path + ".lock";
  UniqueFd file(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid() && errno == ENOENT)
    return fail(Errc::NotFound, path + ": there is no such directory");
  if (!file.valid()) return fail(from_errno("lock " + name + ": open", errno));
  if (const Status locked = lock_file(file.get()); !locked)
    return fail(with_context("lock " + name, locked.error()));
  // What root has made, the owner of the keys must be able to lock later.
  struct stat keys {};
  if (::geteuid() == 0 && ::stat(path.c_str(), &keys) == 0 &&
      ::fchown(file.get(), keys.st_uid, keys.st_gid) != 0)
    return fail(from_errno("lock " + name + ": fchown", errno));
  return KeysFileStore(path, std::move(file));
}

bool KeysFileStore::exists() const {
  struct stat info {};
  return ::lstat(path_.c_str(), &info) == 0;
}

Status KeysFileStore::create(std::string_view text) const {
  if (exists())
    return fail(Errc::Conflict, path_ +
                                    " exists already, and keys are never overwritten; `tollgate "
                                    "keys rotate` adds a new signer to it");
  TOLLGATE_CHECK(write_temporary(text));
  return put_in_place(/*is_new=*/true);
}

Status KeysFileStore::replace(std::string_view text) const {
  TOLLGATE_CHECK(write_temporary(text));
  return put_in_place(/*is_new=*/false);
}

// Its name is always the same: the lock is ours, and a command that was killed leaves no litter.
Status KeysFileStore::write_temporary(std::string_view text) const {
  if (::unlink(temporary_.c_str()) != 0 && errno != ENOENT)
    return fail(from_errno("unlink " + temporary_, errno));
  const UniqueFd file(
      ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return fail(from_errno("open " + temporary_, errno));
  Status done = write_all(file.get(), text);
  if (done) done = write_all(file.get(), "\n");
  if (done) done = keep_owner_and_mode(file.get());
  if (done && ::fsync(file.get()) != 0) done = fail(from_errno("fsync", errno));
  if (done) return {};
  ::unlink(temporary_.c_str());
  return fail(with_context(path_ + " stays as it was: " + temporary_, std::move(done).error()));
}

// A server of another user must be able to read what root has rotated.
Status KeysFileStore::keep_owner_and_mode(int file) const {
  struct stat old {};
  if (::stat(path_.c_str(), &old) != 0) {
    if (errno != ENOENT) return fail(from_errno("stat", errno));
    if (::fchmod(file, 0600) != 0) return fail(from_errno("fchmod", errno));
    return {};
  }
  struct stat made {};
  if (::fstat(file, &made) != 0) return fail(from_errno("fstat", errno));
  if ((made.st_uid != old.st_uid || made.st_gid != old.st_gid) &&
      ::fchown(file, old.st_uid, old.st_gid) != 0)
    return fail(
        from_errno("fchown to the owner of the old file (run it as that user, or root)", errno));
  if (::fchmod(file, old.st_mode & 0777) != 0) return fail(from_errno("fchmod", errno));
  return {};
}

Status KeysFileStore::put_in_place(bool is_new) const {
  // link() is the rename that never replaces.
  const int done = is_new ? ::link(temporary_.c_str(), path_.c_str())
                          : ::rename(temporary_.c_str(), path_.c_str());
  const int why = errno;
  if (is_new || done != 0) ::unlink(temporary_.c_str());
  if (done != 0) return fail(from_errno((is_new ? "link " : "rename ") + path_, why));
  return sync_directory_of(path_);
}

}  // namespace tollgate::commands
