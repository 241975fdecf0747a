// Everything of authentication that one worker has, made once from the
// settings: the key, the user store, the gate, the token endpoints.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "auth/http/permission.h"
#include "server/base/clock.h"
#include "server/config/config.h"
#include "server/http/handler.h"

namespace tollgate::auth {

class Authentication {
 public:
  // `config` and `clock` outlive it. Errors: Unavailable (no key or database is set: the
  // message says what to do), and those of the key and of the store.
  static Result<std::unique_ptr<Authentication>> create(const Config& config, const Clock& clock);
  Authentication(const Authentication&) = delete;
  Authentication& operator=(const Authentication&) = delete;
  ~Authentication();

  // A gate step: who asks, and may they. Valid as long as this object.
  http::GateStep require(Permission permission);

  // simplejwt's endpoints; obtain() and refresh() block. Valid as long as this object.
  http::Handler obtain();
  http::Handler refresh();
  http::Handler verify();

 private:
  struct Parts;
  explicit Authentication(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tollgate::auth
