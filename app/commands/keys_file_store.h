// A file of keys that commands change while servers read it.
//
// A reader sees the old file or the new one, whole. Two commands at once come one after the
// other. What stops half-way (a full disk, a kill) leaves the old file as it was.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "app/commands/key_set.h"
#include "server/base/result.h"
#include "server/base/unique_fd.h"

namespace tollgate::commands {

// A JWK Set of such a file. Errors name the path: those of the file, and InvalidArgument (what a
// server would refuse, and why).
Result<Keys> read_keys(const std::string& path, bool extra_algorithms);

// Holds the lock PATH.lock as long as it lives, which it takes from no other.
class KeysFileStore {
 public:
  // Waits for the command that holds the lock. A symbolic link is followed: what it names will be
  // replaced. Errors: of the system (the directory must be there, and be writable).
  static Result<KeysFileStore> lock(const std::string& path);

  // Conflict: there is one. Mode 0600.
  Status create(std::string_view text) const;
  // Keeps owner and mode of the file. Errors: of the system.
  Status replace(std::string_view text) const;

  const std::string& path() const { return path_; }
  bool exists() const;

 private:
  KeysFileStore(std::string path, UniqueFd lock)
      : path_(std::move(path)), temporary_(path_ + ".new"), lock_(std::move(lock)) {}
  Status write_temporary(std::string_view text) const;
  Status keep_owner_and_mode(int file) const;
  Status put_in_place(bool is_new) const;

  std::string path_;
  std::string temporary_;  // beside it: a rename does not leave its file system
  UniqueFd lock_;
};

}  // namespace tollgate::commands
