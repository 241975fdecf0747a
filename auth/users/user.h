// A user, as Django's auth_user has it; what authentication does not need is left out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace tollgate::users {

struct User {
  int64_t id = 0;
  std::string username;
  std::string password_hash;  // see crypto/password_hash.h; never printed
  bool is_active = false;
  bool is_staff = false;
  bool is_superuser = false;
};

}  // namespace tollgate::users
