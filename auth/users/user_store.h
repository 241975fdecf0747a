// Where users are kept.
//
// Every function may be called on any thread, and every one but version() may
// BLOCK: on a disk, a lock of another process, or a network. The loop asks a cache,
// or the pool. Nothing here hashes a password. Errors of all: Unavailable (busy for
// too long; a later attempt may succeed), Io.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/users/user.h"
#include "server/base/clock.h"
#include "server/base/result.h"

namespace tollgate::users {

struct NewUser {
  std::string username;
  std::string password_hash;
  bool is_active = true;
  bool is_staff = false;
  bool is_superuser = false;
};

class UserStore {
 public:
  virtual ~UserStore() = default;

  // The name is compared byte for byte. nullopt: nobody has it.
  virtual Result<std::optional<User>> find_by_name(std::string_view username) = 0;
  virtual Result<std::optional<User>> find_by_id(int64_t id) = 0;
  virtual Result<std::vector<User>> list() = 0;  // by id

  // Errors: InvalidArgument (see check_username), Conflict (the name is taken).
  virtual Result<User> add(const NewUser& user) = 0;

  // Errors: NotFound.
  virtual Status set_password(int64_t id, std::string_view password_hash) = 0;
  virtual Status set_active(int64_t id, bool active) = 0;
  virtual Status set_last_login(int64_t id, WallTime now) = 0;

  // Another number than last time once anyone, in any process, has changed the
  // database: what was cached before is then stale. It takes microseconds and waits
  // for no disk, so a loop may call it; but on an object of its own, or it waits for
  // a thread that is in one of the functions above.
  virtual Result<uint64_t> version() = 0;
};

// Django's rule: 1 to 150 letters, digits and @ . + - _ ; any UTF-8 beyond ASCII
// passes for a letter. Errors: InvalidArgument.
Status check_username(std::string_view username);

}  // namespace tollgate::users
